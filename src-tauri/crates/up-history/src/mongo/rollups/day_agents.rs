//! Which agents wrote a path's samples of a day. A day's document lists them. Where it lists several,
//! each has documents of its own, made with those of the day.

use bson::raw::{RawBsonRef, RawDocument};
use bson::{Bson, Document, doc};

/// The most agents whose samples of a path and day are kept apart.
pub(super) const MOST: usize = 200;

/// The agents of a day's samples.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum DayAgents {
    /// The day's document does not say: it was made by a former Up.
    #[default]
    Unlisted,
    /// Nobody can say: samples were removed before their agents were listed, or there are too many.
    Unknown,
    /// Their names: empty for samples that name none, as those of the original; `None` for samples of
    /// which the agent is no name.
    Listed(Vec<Option<String>>),
}

/// How much of a day's samples an agent wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AgentShare {
    All,
    Part,
    Nothing,
    Unknown,
}

impl DayAgents {
    /// Reads the field `agents`.
    pub(super) fn read(document: &RawDocument) -> Self {
        let names = match document.get("agents") {
            Ok(None) => return Self::Unlisted,
            Ok(Some(RawBsonRef::Array(names))) => names,
            _ => return Self::Unknown,
        };
        let mut listed = Vec::new();
        for name in names.into_iter().take(MOST + 1) {
            match name {
                Ok(RawBsonRef::String(name)) => listed.push(Some(name.to_owned())),
                Ok(RawBsonRef::Null) => listed.push(None),
                _ => return Self::Unknown,
            }
        }
        if listed.len() > MOST {
            return Self::Unknown;
        }
        Self::Listed(listed)
    }

    /// The field `agents`.
    pub(super) fn written(&self) -> Bson {
        match self {
            Self::Listed(names) => names.clone().into(),
            Self::Unlisted | Self::Unknown => Bson::Null,
        }
    }

    /// How much of the day's samples this agent wrote.
    pub(super) fn share(&self, agent: &str) -> AgentShare {
        let Self::Listed(names) = self else {
            return AgentShare::Unknown;
        };
        let is_it = |name: &Option<String>| name.as_deref() == Some(agent);
        match (names.iter().any(is_it), names.len()) {
            (true, 1) => AgentShare::All,
            (true, _) => AgentShare::Part,
            (false, _) => AgentShare::Nothing,
        }
    }
}

/// The `_id` of an agent's part of a day. It sorts apart from the days of all agents.
pub(super) fn agent_id(agent: &str, path: &str, day: i64) -> Document {
    doc! { "agent": agent, "path": path, "day": day }
}

/// The `_id`s of an agent's parts of a path's days, the first and the last.
pub(super) fn agent_ids(agent: &str, path: &str, (first, last): (i64, i64)) -> Document {
    let id = |day: i64| agent_id(agent, path, day);
    doc! { "_id": { "$gte": id(first), "$lte": id(last) } }
}

#[cfg(test)]
mod tests {
    use bson::rawdoc;

    use super::*;

    #[test]
    fn a_day_says_how_much_of_it_an_agent_wrote() {
        let check = |document: bson::RawDocumentBuf, agent: &str, expected: AgentShare| {
            let share = DayAgents::read(&document).share(agent);
            assert_eq!(share, expected, "{document:?}, {agent:?}");
        };
        let listed = |names: [Bson; 2]| {
            let listed = doc! { "agents": names.to_vec() };
            bson::RawDocumentBuf::try_from(&listed).expect("a document")
        };
        check(rawdoc! { "agents": ["a"] }, "a", AgentShare::All);
        check(rawdoc! { "agents": ["a"] }, "b", AgentShare::Nothing);
        check(rawdoc! { "agents": ["a"] }, "", AgentShare::Nothing);
        check(rawdoc! { "agents": [""] }, "", AgentShare::All);
        check(listed(["a".into(), "b".into()]), "b", AgentShare::Part);
        check(listed(["a".into(), Bson::Null]), "a", AgentShare::Part);
        check(listed(["a".into(), 7.into()]), "a", AgentShare::Unknown);
        check(rawdoc! { "agents": null }, "a", AgentShare::Unknown);
        check(rawdoc! { "agents": "a" }, "a", AgentShare::Unknown);
        check(rawdoc! {}, "a", AgentShare::Unknown);
    }
}
