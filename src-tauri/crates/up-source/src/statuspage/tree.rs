//! `components = true`: the components of a page as a tree below its node.

use std::collections::HashMap;

use up_core::fold::{FoldedChild, Policy};
use up_core::{Cause, CauseCode, CheckResult, Component, Detail, Hold, ReportedComponents, Status};

use super::component::{PageComponent, flat};
use super::report::{ComponentState, PageIncident, PageReport, unknown_word};
use super::wording::worded;

impl PageReport {
    /// The check result with all components. The status is that of the page as a whole, or the
    /// components folded by `policy`.
    pub(super) fn tree(&self, policy: Option<Policy>) -> CheckResult {
        let answer = match policy {
            Some(policy) if !self.components.is_empty() => self.folded(policy),
            _ => self.whole(),
        };
        let reported = self.reported_components();
        let mut detail = self.page_detail();
        if reported.left_out() > 0 {
            detail.put("components_left_out", reported.left_out() as f64);
        }
        CheckResult {
            components: Some(reported),
            ..answer.with_detail(detail)
        }
    }

    /// The components folded by `policy`. Groups are means, like any tree without a policy.
    fn folded(&self, policy: Policy) -> CheckResult {
        let status = policy.fold(
            self.components
                .iter()
                .filter_map(PageComponent::folded_child),
        );
        let leaves = || flat(&self.components).filter(|one| one.members.is_empty());
        if status.is_none() {
            let odd = leaves().find(|one| one.state == ComponentState::UnknownWord);
            return match odd {
                Some(odd) => {
                    CheckResult::unknown(CauseCode::Word, unknown_word(&odd.word, &odd.shown()))
                }
                None => CheckResult::maintenance(self.with_title("under maintenance".into())),
            };
        }
        let troubled = leaves().filter(|one| !one.state.is_up());
        let texts: Vec<String> = troubled.map(PageComponent::text).collect();
        let state = status.map_or(ComponentState::UnknownWord, |status| {
            ComponentState::At(status.value())
        });
        self.answer_of(state, &self.with_title(texts.join(", ")))
    }

    fn reported_components(&self) -> ReportedComponents {
        let mut affecting: HashMap<&str, &PageIncident> = HashMap::new();
        for incident in &self.incidents {
            for folded_child in &incident.affects {
                affecting.entry(folded_child).or_insert(incident);
            }
        }
        let list = convert(&self.components, &affecting, self.lists_all);
        ReportedComponents::new(list, !self.lists_all)
    }
}

/// Converts components for the core. If `lists_all` is false, the page lists components for each
/// incident, so that one may be there several times. The worst of them counts.
fn convert(
    components: &[PageComponent],
    affecting: &HashMap<&str, &PageIncident>,
    lists_all: bool,
) -> Vec<Component> {
    let mut converted: Vec<(&PageComponent, Component)> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for page_component in components.iter().filter(|one| !one.is_unwatched) {
        let component = page_component.convert(affecting, lists_all);
        let before = known.get(page_component.name.as_str()).copied();
        match before.filter(|_| !lists_all) {
            Some(at) if page_component.state.rank() < converted[at].0.state.rank() => {
                converted[at] = (page_component, component);
            }
            Some(_) => {}
            None => {
                known.insert(&page_component.name, converted.len());
                converted.push((page_component, component));
            }
        }
    }
    converted
        .into_iter()
        .map(|(_, component)| component)
        .collect()
}

impl PageComponent {
    /// The component for a fold. `None` if the page does not monitor it.
    fn folded_child(&self) -> Option<FoldedChild> {
        if self.is_unwatched {
            return None;
        }
        let status = match self.state {
            _ if !self.members.is_empty() => {
                Policy::Mean.fold(self.members.iter().filter_map(Self::folded_child))
            }
            ComponentState::At(value) => Status::new(value),
            ComponentState::Maintenance | ComponentState::UnknownWord => None,
        };
        Some(FoldedChild {
            status,
            weight: 1.0,
        })
    }

    fn convert(&self, affecting: &HashMap<&str, &PageIncident>, lists_all: bool) -> Component {
        let incident = affecting.get(self.id.as_str());
        let incident = incident.or_else(|| affecting.get(self.name.as_str()));
        let title = incident.map_or("", |incident| incident.title.as_str());
        let with_title = |word: &str| match title {
            "" => word.to_owned(),
            title => format!("{word}; {title}"),
        };
        let cause = |code, text: String| Some(Cause::new(code, text));
        let (status, hold, cause) = match self.state {
            ComponentState::At(value) => {
                let status = Status::new(value);
                let is_up = status.is_some_and(Status::is_up);
                let text = (!is_up).then(|| with_title(&worded(&self.word)));
                let cause = text.and_then(|text| cause(CauseCode::Reported, text));
                (status, None, cause)
            }
            ComponentState::Maintenance => {
                let cause = cause(CauseCode::Reported, with_title("under maintenance"));
                (None, Some(Hold::Maintenance), cause)
            }
            ComponentState::UnknownWord => {
                let text = unknown_word(&self.word, &self.shown());
                (None, None, cause(CauseCode::Word, text))
            }
        };
        let mut detail = Detail::new();
        if !self.word.is_empty() {
            detail.put("indicator", worded(&self.word));
        }
        if let Some(incident) = incident {
            incident.put(&mut detail);
        }
        Component {
            name: self.shown().into(),
            status,
            cause,
            detail,
            hold,
            quiet: !self.is_shown(),
            members: convert(&self.members, affecting, lists_all),
            ..Component::default()
        }
    }
}

#[cfg(test)]
mod tests;
