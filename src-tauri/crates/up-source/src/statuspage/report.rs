//! What a status page reports, whoever makes it, and the check result that follows.

use serde_json::Value as Json;
use up_core::fold::Policy;
use up_core::{CauseCode, CheckResult, Detail, Status};

use super::component::{self, PageComponent};
use super::json;
use super::wording::worded;

/// What of a page is reported.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum PageScope {
    /// The page as a whole.
    Whole,
    /// The mean of the components with these names.
    Named(Box<[Box<str>]>),
    /// All components as a tree. The policy folds them into the page's own status; without one it
    /// is that of the page as a whole.
    Tree(Option<Policy>),
}

/// The state that a page's word stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum ComponentState {
    /// Up by this much, from 0 to 1.
    At(f64),
    /// Under maintenance, and therefore not scored.
    Maintenance,
    /// An unknown word.
    UnknownWord,
}

impl ComponentState {
    /// The state that `word` stands for in `table`.
    pub(super) fn of(word: &str, table: &[(&str, Self)]) -> Self {
        let known = table.iter().find(|(known, _)| *known == word);
        known.map_or(Self::UnknownWord, |(_, state)| *state)
    }

    /// True if nothing is wrong.
    pub(super) fn is_up(self) -> bool {
        self == Self::At(1.0)
    }

    /// The mean of `states`, without those under maintenance. An unknown word makes it unknown.
    /// `None` if there are no states.
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
                Self::UnknownWord => return Some(Self::UnknownWord),
            }
        }
        match (count, scored) {
            (0, _) => None,
            (_, 0) => Some(Self::Maintenance),
            _ => Some(Self::At(sum / f64::from(scored))),
        }
    }

    /// A number that orders states: the lower, the worse. An unknown word is the worst; maintenance
    /// is the best.
    pub(super) fn rank(self) -> f64 {
        match self {
            Self::UnknownWord => -1.0,
            Self::At(value) => value,
            Self::Maintenance => 2.0,
        }
    }

    /// The lowest of `states`, without those under maintenance. An unknown word makes it unknown.
    /// `None` if there are no states left.
    pub(super) fn worst(states: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut worst: Option<f64> = None;
        for state in states {
            match state {
                Self::At(value) => worst = Some(worst.map_or(value, |w| w.min(value))),
                Self::Maintenance => {}
                Self::UnknownWord => return Some(Self::UnknownWord),
            }
        }
        worst.map(Self::At)
    }
}

/// An ongoing incident or maintenance that a page lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PageIncident {
    /// The title.
    pub title: String,
    /// The URL where a person can read more.
    pub link: Option<String>,
    /// The ids or names of the affected components, as far as the page lists them.
    pub affects: Vec<String>,
}

impl PageIncident {
    /// An incident with that title and link, which affects no component yet.
    pub(super) fn new(title: &Json, link: Option<String>) -> Self {
        Self {
            title: json::text(title),
            link,
            affects: Vec::new(),
        }
    }

    /// Adds the affected components: the elements of `list`, each of which is an id or name, or has
    /// it under `key`.
    pub(super) fn affecting(mut self, list: &Json, key: &str) -> Self {
        let elements = json::items(list)
            .iter()
            .map(|one| if one.is_string() { one } else { &one[key] });
        let names = elements.filter_map(Json::as_str).take(MAX_AFFECTED);
        let names = names.map(json::name);
        self.affects.extend(names.filter(|name| !name.is_empty()));
        self
    }

    /// Adds the title and the link to `detail`.
    pub(super) fn put(&self, detail: &mut Detail) {
        detail.put("incident", self.title.as_str());
        if let Some(link) = &self.link {
            detail.put("link", link.as_str());
        }
    }
}

/// The largest number of affected components that are read of one incident.
const MAX_AFFECTED: usize = 1_000;

/// What a page reports.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PageReport {
    /// The page's word for its state, such as `major`.
    pub word: String,
    /// What that word means.
    pub state: ComponentState,
    /// The page's sentence about its state. Empty if there is none.
    pub description: String,
    /// The ongoing incidents, followed by the ongoing maintenances.
    pub incidents: Vec<PageIncident>,
    /// The components.
    pub components: Vec<PageComponent>,
    /// False if the page lists only components with trouble.
    pub lists_all: bool,
}

impl PageReport {
    /// A report with a word and its state, and nothing else.
    pub(super) fn new(word: String, state: ComponentState) -> Self {
        Self {
            word,
            state,
            description: String::new(),
            incidents: Vec::new(),
            components: Vec::new(),
            lists_all: true,
        }
    }

    /// The check result for a source that reports `scope` of the page.
    pub(super) fn answer(&self, scope: &PageScope) -> CheckResult {
        let answer = match scope {
            PageScope::Whole => self.whole(),
            PageScope::Named(names) => self.of(names),
            PageScope::Tree(policy) => return self.tree(*policy),
        };
        let mut detail = self.page_detail();
        let components = component::detail(&self.components);
        if !components.is_empty() {
            detail.put("components", components);
        }
        answer.with_detail(detail)
    }

    /// The detail about the page as a whole.
    pub(super) fn page_detail(&self) -> Detail {
        let mut detail = Detail::new();
        detail.put("indicator", worded(&self.word));
        if !self.description.is_empty() {
            detail.put("description", self.description.as_str());
        }
        if let Some(incident) = self.incidents.first() {
            incident.put(&mut detail);
        }
        detail
    }

    /// The check result for the page as a whole.
    pub(super) fn whole(&self) -> CheckResult {
        let word = match self.state {
            ComponentState::Maintenance => "under maintenance".to_owned(),
            _ => worded(&self.word),
        };
        let text = match self.description.as_str() {
            "" => word,
            description => format!("{word}: {description}"),
        };
        self.answer_of(self.state, &self.with_title(text))
    }

    /// The check result for the mean of the components with these names.
    fn of(&self, names: &[Box<str>]) -> CheckResult {
        let mut found = Vec::new();
        for name in names {
            let before = found.len();
            let all = component::flat(&self.components);
            found.extend(all.filter(|component| *component.name == **name));
            if found.len() == before {
                return self.missing(name);
            }
        }
        if let Some(unknown) = found
            .iter()
            .find(|c| c.state == ComponentState::UnknownWord)
        {
            let text = unknown_word(&unknown.word, &unknown.shown());
            return CheckResult::unknown(CauseCode::Word, text);
        }
        let state = ComponentState::mean(found.iter().map(|c| c.state))
            .unwrap_or(ComponentState::UnknownWord);
        let troubled = found.iter().filter(|c| !c.state.is_up());
        let texts: Vec<_> = troubled.map(|c| c.text()).collect();
        self.answer_of(state, &self.with_title(texts.join(", ")))
    }

    fn missing(&self, name: &str) -> CheckResult {
        let text = match component::names(&self.components).as_str() {
            _ if !self.lists_all => format!(
                "the page lists only components with trouble, and {name:?} is not among them"
            ),
            "" => format!("the page lists no components, so none is called {name:?}"),
            names => format!("the page has no component {name:?}, but these: {names}"),
        };
        CheckResult::unknown(CauseCode::Missing, text)
    }

    /// Appends the title of the first incident to `text`, unless it is in there already.
    pub(super) fn with_title(&self, text: String) -> String {
        match self.incidents.first() {
            Some(PageIncident { title, .. }) if !title.is_empty() && !text.contains(title) => {
                format!("{text}; {title}")
            }
            _ => text,
        }
    }

    /// The check result for `state`. `text` is the text of its cause.
    pub(super) fn answer_of(&self, state: ComponentState, text: &str) -> CheckResult {
        let status = match state {
            ComponentState::Maintenance => return CheckResult::maintenance(text),
            ComponentState::At(value) => Status::new(value),
            ComponentState::UnknownWord => None,
        };
        match status {
            Some(status) if status.is_up() => CheckResult::up(),
            Some(status) => CheckResult::degraded(status, CauseCode::Reported, text),
            None => CheckResult::unknown(
                CauseCode::Word,
                format!("the page reports the unknown word {:?}", self.word),
            ),
        }
    }
}

/// The cause text for a component with an unknown word.
pub(super) fn unknown_word(word: &str, name: &str) -> String {
    format!("the page reports the unknown word {word:?} of {name:?}")
}
