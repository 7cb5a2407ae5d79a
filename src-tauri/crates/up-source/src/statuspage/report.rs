//! What a page says, whoever makes it, and the answer that this amounts to.

use serde_json::Value as Json;
use up_core::fold::Policy;
use up_core::{CauseCode, CheckResult, Detail, Status};

use super::component::{self, PageComponent};
use super::json;

/// What is wanted of a page.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum PageScope {
    /// Its word for the whole.
    Whole,
    /// The components of those names.
    Named(Box<[Box<str>]>),
    /// All components, each for itself; and by a policy, what they come to.
    Tree(Option<Policy>),
}

/// What a word means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum ComponentState {
    /// This much up, 0 to 1.
    At(f64),
    /// Under maintenance: not scored.
    Maintenance,
    /// A word that is not known.
    Unheard,
}

impl ComponentState {
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

    /// What is worse is lower: a word that is not known before all, maintenance last.
    pub(super) fn rank(self) -> f64 {
        match self {
            Self::Unheard => -1.0,
            Self::At(value) => value,
            Self::Maintenance => 2.0,
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
pub(super) struct PageIncident {
    /// Its title.
    pub title: String,
    /// Where a person reads more.
    pub link: Option<String>,
    /// Ids or names of the components that it touches, as far as the page says.
    pub touches: Vec<String>,
}

impl PageIncident {
    /// One of that title.
    pub(super) fn new(title: &Json, link: Option<String>) -> Self {
        Self {
            title: json::text(title),
            link,
            touches: Vec::new(),
        }
    }

    /// The same, touching those elements of `list`, of which `key` tells the id or the name.
    pub(super) fn touching(mut self, list: &Json, key: &str) -> Self {
        let told = json::items(list)
            .iter()
            .map(|one| if one.is_string() { one } else { &one[key] });
        let names = told.filter_map(Json::as_str).take(MAX_TOUCHED);
        let names = names.map(json::name);
        self.touches.extend(names.filter(|name| !name.is_empty()));
        self
    }

    /// Puts its title and link into a detail.
    pub(super) fn put(&self, detail: &mut Detail) {
        detail.put("incident", self.title.as_str());
        if let Some(link) = &self.link {
            detail.put("link", link.as_str());
        }
    }
}

/// Of one incident, so many components are read.
const MAX_TOUCHED: usize = 1_000;

/// What a page says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PageReport {
    /// Its word for the whole.
    pub word: String,
    /// What that word means.
    pub state: ComponentState,
    /// Its sentence, or nothing.
    pub description: String,
    /// What goes on now: incidents first, then maintenances.
    pub incidents: Vec<PageIncident>,
    /// Its parts.
    pub components: Vec<PageComponent>,
    /// False where a page lists only the parts with trouble.
    pub lists_all: bool,
}

impl PageReport {
    /// A report of nothing but a word.
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

    /// The answer to what is wanted of the page.
    pub(super) fn answer(&self, wanted: &PageScope) -> CheckResult {
        let answer = match wanted {
            PageScope::Whole => self.whole(),
            PageScope::Named(names) => self.of(names),
            PageScope::Tree(policy) => return self.tree(*policy),
        };
        let mut detail = self.said();
        let components = component::detail(&self.components);
        if !components.is_empty() {
            detail.put("components", components);
        }
        answer.with_detail(detail)
    }

    /// What the page says of the whole.
    pub(super) fn said(&self) -> Detail {
        let mut detail = Detail::new();
        detail.put("indicator", self.word.as_str());
        if !self.description.is_empty() {
            detail.put("description", self.description.as_str());
        }
        if let Some(incident) = self.incidents.first() {
            incident.put(&mut detail);
        }
        detail
    }

    /// The answer of the page as a whole.
    pub(super) fn whole(&self) -> CheckResult {
        let word = match self.state {
            ComponentState::Maintenance => "under maintenance",
            _ => self.word.as_str(),
        };
        let told = match self.description.as_str() {
            "" => word.to_owned(),
            description => format!("{word}: {description}"),
        };
        self.answer_of(self.state, &self.with_title(told))
    }

    /// The mean of the components of those names.
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
        if let Some(unheard) = found.iter().find(|c| c.state == ComponentState::Unheard) {
            let text = self::unheard(&unheard.word, &unheard.shown());
            return CheckResult::unknown(CauseCode::Word, text);
        }
        let state =
            ComponentState::mean(found.iter().map(|c| c.state)).unwrap_or(ComponentState::Unheard);
        let troubled = found.iter().filter(|c| !c.state.is_up());
        let told: Vec<_> = troubled.map(|c| c.told()).collect();
        self.answer_of(state, &self.with_title(told.join(", ")))
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

    /// `told` with the title of what goes on, unless that says the same.
    pub(super) fn with_title(&self, told: String) -> String {
        match self.incidents.first() {
            Some(PageIncident { title, .. }) if !title.is_empty() && !told.contains(title) => {
                format!("{told}; {title}")
            }
            _ => told,
        }
    }

    /// The answer of a page in that state, of which this is told.
    pub(super) fn answer_of(&self, state: ComponentState, told: &str) -> CheckResult {
        let status = match state {
            ComponentState::Maintenance => return CheckResult::maintenance(told),
            ComponentState::At(value) => Status::new(value),
            ComponentState::Unheard => None,
        };
        match status {
            Some(status) if status.is_up() => CheckResult::up(),
            Some(status) => CheckResult::degraded(status, CauseCode::Reported, told),
            None => CheckResult::unknown(
                CauseCode::Word,
                format!("the page reports {:?}, which is no known word", self.word),
            ),
        }
    }
}

/// What is said of a component whose word is not known.
pub(super) fn unheard(word: &str, name: &str) -> String {
    format!("the page reports {word:?} of {name:?}, which is no known word")
}
