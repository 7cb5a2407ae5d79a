//! What a page says, whoever makes it, and the answer that this amounts to.

use up_core::{Answer, CauseCode, Detail, Status};

use super::component::{self, Component};

/// What a word means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum State {
    /// This much up, 0 to 1.
    At(f64),
    /// Under maintenance: not scored.
    Maintenance,
    /// A word that is not known.
    Unheard,
}

impl State {
    /// The word's meaning in such a table.
    pub(super) fn of(word: &str, table: &[(&str, Self)]) -> Self {
        let known = table.iter().find(|(known, _)| *known == word);
        known.map_or(Self::Unheard, |(_, state)| *state)
    }

    /// True when nothing is wrong.
    pub(super) fn is_up(self) -> bool {
        self == Self::At(1.0)
    }

    /// The mean of several, those under maintenance left out; `None` when there are none.
    pub(super) fn mean(states: impl IntoIterator<Item = Self>) -> Option<Self> {
        let (mut count, mut scored, mut sum) = (0_u32, 0_u32, 0.0);
        for state in states {
            count += 1;
            match state {
                Self::At(value) => {
                    scored += 1;
                    sum += value;
                }
                Self::Maintenance => {}
                Self::Unheard => return Some(Self::Unheard),
            }
        }
        match (count, scored) {
            (0, _) => None,
            (_, 0) => Some(Self::Maintenance),
            _ => Some(Self::At(sum / f64::from(scored))),
        }
    }

    /// The lowest of several scored ones; `None` when there are none.
    pub(super) fn worst(states: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut worst: Option<f64> = None;
        for state in states {
            match state {
                Self::At(value) => worst = Some(worst.map_or(value, |w| w.min(value))),
                Self::Maintenance => {}
                Self::Unheard => return Some(Self::Unheard),
            }
        }
        worst.map(Self::At)
    }
}

/// Something that goes on now: an incident or a maintenance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Incident {
    /// Its title.
    pub title: String,
    /// Where a person reads more.
    pub link: Option<String>,
}

/// What a page says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Report {
    /// Its word for the whole.
    pub word: String,
    /// What that word means.
    pub state: State,
    /// Its sentence, or nothing.
    pub description: String,
    /// What goes on now: incidents first, then maintenances.
    pub incidents: Vec<Incident>,
    /// Its parts.
    pub components: Vec<Component>,
    /// False where a page lists only the parts with trouble.
    pub lists_all: bool,
}

impl Report {
    /// A report of nothing but a word.
    pub(super) fn new(word: String, state: State) -> Self {
        Self {
            word,
            state,
            description: String::new(),
            incidents: Vec::new(),
            components: Vec::new(),
            lists_all: true,
        }
    }

    /// The answer: of the page as a whole, or of the components of those names.
    pub(super) fn answer(&self, wanted: Option<&[Box<str>]>) -> Answer {
        let answer = match wanted {
            None => self.whole(),
            Some(names) => self.of(names),
        };
        answer.with_detail(self.detail())
    }

    fn detail(&self) -> Detail {
        let mut detail = Detail::new();
        detail.put("indicator", self.word.as_str());
        if !self.description.is_empty() {
            detail.put("description", self.description.as_str());
        }
        if let Some(incident) = self.incidents.first() {
            detail.put("incident", incident.title.as_str());
            if let Some(link) = &incident.link {
                detail.put("link", link.as_str());
            }
        }
        let components = component::detail(&self.components);
        if !components.is_empty() {
            detail.put("components", components);
        }
        detail
    }

    fn whole(&self) -> Answer {
        let word = match self.state {
            State::Maintenance => "under maintenance",
            _ => self.word.as_str(),
        };
        let told = match self.description.as_str() {
            "" => word.to_owned(),
            description => format!("{word}: {description}"),
        };
        answer(self.state, &self.word, &self.with_title(told))
    }

    /// The mean of the components of those names.
    fn of(&self, names: &[Box<str>]) -> Answer {
        let mut found = Vec::new();
        for name in names {
            let before = found.len();
            let all = component::flat(&self.components);
            found.extend(all.filter(|component| *component.name == **name));
            if found.len() == before {
                return self.missing(name);
            }
        }
        if let Some(unheard) = found.iter().find(|c| c.state == State::Unheard) {
            let text = format!(
                "the page reports {:?} of {:?}, which is no known word",
                unheard.word, unheard.name
            );
            return Answer::unknown(CauseCode::Word, text);
        }
        let state = State::mean(found.iter().map(|c| c.state)).unwrap_or(State::Unheard);
        let troubled = found.iter().filter(|c| !c.state.is_up());
        let told: Vec<_> = troubled
            .map(|c| match c.word.as_str() {
                "" => c.name.clone(),
                word => format!("{}: {word}", c.name),
            })
            .collect();
        answer(state, &self.word, &self.with_title(told.join(", ")))
    }

    fn missing(&self, name: &str) -> Answer {
        let text = match component::names(&self.components).as_str() {
            _ if !self.lists_all => format!(
                "the page lists only components with trouble, and {name:?} is not among them"
            ),
            "" => format!("the page lists no components, so none is called {name:?}"),
            names => format!("the page has no component {name:?}, but these: {names}"),
        };
        Answer::unknown(CauseCode::Missing, text)
    }

    /// `told` with the title of what goes on, unless that says the same.
    fn with_title(&self, told: String) -> String {
        match self.incidents.first() {
            Some(Incident { title, .. }) if !title.is_empty() && !told.contains(title) => {
                format!("{told}; {title}")
            }
            _ => told,
        }
    }
}

fn answer(state: State, word: &str, told: &str) -> Answer {
    let status = match state {
        State::Maintenance => return Answer::maintenance(told),
        State::At(value) => Status::new(value),
        State::Unheard => None,
    };
    match status {
        Some(status) if status.is_up() => Answer::up(),
        Some(status) => Answer::degraded(status, CauseCode::Reported, told),
        None => Answer::unknown(
            CauseCode::Word,
            format!("the page reports {word:?}, which is no known word"),
        ),
    }
}
