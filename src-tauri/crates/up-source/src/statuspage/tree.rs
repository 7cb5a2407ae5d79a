//! `components = true`: a page's parts as twigs, and its own status by a policy.

use std::collections::HashMap;

use up_core::fold::{Part, Policy};
use up_core::{Answer, Cause, CauseCode, Detail, Hold, Status, Twig, Twigs};

use super::component::{Component, flat};
use super::report::{Incident, Report, State, unheard};

impl Report {
    /// The answer with all components as twigs. The status is what the page says of itself as a
    /// whole, or what its components come to by `policy`.
    pub(super) fn tree(&self, policy: Option<Policy>) -> Answer {
        let answer = match policy {
            Some(policy) if !self.components.is_empty() => self.folded(policy),
            _ => self.whole(),
        };
        let twigs = self.twigs();
        let mut detail = self.said();
        if twigs.left_out() > 0 {
            detail.put("components_left_out", twigs.left_out() as f64);
        }
        Answer {
            twigs: Some(twigs),
            ..answer.with_detail(detail)
        }
    }

    /// What the components come to: groups are means, as any tree is that does not say otherwise.
    fn folded(&self, policy: Policy) -> Answer {
        let status = policy.fold(self.components.iter().filter_map(Component::part));
        let leaves = || flat(&self.components).filter(|one| one.members.is_empty());
        if status.is_none() {
            let odd = leaves().find(|one| one.state == State::Unheard);
            return match odd {
                Some(odd) => Answer::unknown(CauseCode::Word, unheard(&odd.word, &odd.name)),
                None => Answer::maintenance(self.with_title("under maintenance".into())),
            };
        }
        let troubled = leaves().filter(|one| !one.state.is_up());
        let told: Vec<String> = troubled.map(Component::told).collect();
        let state = status.map_or(State::Unheard, |status| State::At(status.value()));
        self.answer_of(state, &self.with_title(told.join(", ")))
    }

    fn twigs(&self) -> Twigs {
        let mut touching: HashMap<&str, &Incident> = HashMap::new();
        for incident in &self.incidents {
            for part in &incident.touches {
                touching.entry(part).or_insert(incident);
            }
        }
        let list = twigs(&self.components, &touching, self.lists_all);
        Twigs::new(list, !self.lists_all)
    }
}

/// `lists_all` is false of pages that list what each incident touches: a part may then stand there
/// several times, and is as bad as the worst of them.
fn twigs(
    components: &[Component],
    touching: &HashMap<&str, &Incident>,
    lists_all: bool,
) -> Vec<Twig> {
    let mut twigs: Vec<(&Component, Twig)> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for component in components.iter().filter(|one| !one.is_unwatched) {
        let twig = component.twig(touching, lists_all);
        let before = known.get(component.name.as_str()).copied();
        match before.filter(|_| !lists_all) {
            Some(at) if component.state.rank() < twigs[at].0.state.rank() => {
                twigs[at] = (component, twig);
            }
            Some(_) => {}
            None => {
                known.insert(&component.name, twigs.len());
                twigs.push((component, twig));
            }
        }
    }
    twigs.into_iter().map(|(_, twig)| twig).collect()
}

impl Component {
    /// What it counts in a fold; nothing, when the page itself does not watch it.
    fn part(&self) -> Option<Part> {
        if self.is_unwatched {
            return None;
        }
        let status = match self.state {
            _ if !self.members.is_empty() => {
                Policy::Mean.fold(self.members.iter().filter_map(Self::part))
            }
            State::At(value) => Status::new(value),
            State::Maintenance | State::Unheard => None,
        };
        Some(Part {
            status,
            weight: 1.0,
        })
    }

    fn twig(&self, touching: &HashMap<&str, &Incident>, lists_all: bool) -> Twig {
        let incident = touching.get(self.id.as_str());
        let incident = incident.or_else(|| touching.get(self.name.as_str()));
        let title = incident.map_or("", |incident| incident.title.as_str());
        let told = |word: &str| match title {
            "" => word.to_owned(),
            title => format!("{word}; {title}"),
        };
        let cause = |code, text: String| Some(Cause::new(code, text));
        let (status, hold, cause) = match self.state {
            State::At(value) => {
                let status = Status::new(value);
                let is_up = status.is_some_and(Status::is_up);
                let text = (!is_up).then(|| told(&self.word));
                let cause = text.and_then(|text| cause(CauseCode::Reported, text));
                (status, None, cause)
            }
            State::Maintenance => {
                let cause = cause(CauseCode::Reported, told("under maintenance"));
                (None, Some(Hold::Maintenance), cause)
            }
            State::Unheard => {
                let text = unheard(&self.word, &self.name);
                (None, None, cause(CauseCode::Word, text))
            }
        };
        let mut detail = Detail::new();
        if !self.word.is_empty() {
            detail.put("indicator", self.word.as_str());
        }
        if let Some(incident) = incident {
            incident.put(&mut detail);
        }
        Twig {
            name: self.name.as_str().into(),
            status,
            cause,
            detail,
            hold,
            quiet: !self.is_shown(),
            twigs: twigs(&self.members, touching, lists_all),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn component(name: &str, word: &str, state: State) -> Component {
        Component::new(&json!(name), word.into(), state)
    }

    fn report(components: Vec<Component>) -> Report {
        Report {
            components,
            ..Report::new("minor".into(), State::At(0.5))
        }
    }

    fn group(name: &str, members: Vec<Component>) -> Component {
        Component {
            members,
            ..component(name, "", State::Unheard)
        }
    }

    #[test]
    fn the_page_is_what_it_says_of_itself_unless_a_policy_is_given() {
        let up = || component("Web", "operational", State::At(1.0));
        let down = || component("API", "major_outage", State::At(0.0));
        let held = || component("Mail", "under_maintenance", State::Maintenance);
        let odd = || component("Odd", "purple", State::Unheard);
        let check = |components: Vec<Component>, policy, status: Option<f64>, words: &str| {
            let answer = report(components).tree(policy);
            let text = answer.cause.map(|cause| cause.text).unwrap_or_default();
            assert_eq!(answer.status.map(Status::value), status, "{text}");
            assert_eq!(&*text, words, "{policy:?}");
        };
        let (mean, worst) = (Some(Policy::Mean), Some(Policy::Worst));
        check(vec![up(), down()], None, Some(0.5), "minor");
        let told = "API: major_outage";
        check(vec![up(), up(), up(), down()], mean, Some(0.75), told);
        check(vec![up(), down()], worst, Some(0.0), told);
        check(vec![up()], mean, Some(1.0), "");
        check(vec![], mean, Some(0.5), "minor");
        let groups = vec![up(), group("Europe", vec![up(), down()])];
        check(groups, mean, Some(0.75), told);
        check(vec![up(), held(), odd()], mean, Some(1.0), "");
        check(vec![held()], mean, None, "under maintenance");
        let word = "the page reports \"purple\" of \"Odd\", which is no known word";
        check(vec![odd(), held()], mean, None, word);
        check(vec![up(), down()], Some(Policy::Best), Some(1.0), "");
        check(
            vec![up(), down()],
            Some(Policy::AtLeast(2)),
            Some(0.5),
            told,
        );
    }

    #[test]
    fn a_part_that_several_incidents_touch_is_as_bad_as_the_worst() {
        let part = |state| component("Search", "", state);
        let mut report = report(vec![
            part(State::At(0.5)),
            part(State::At(0.0)),
            part(State::Maintenance),
        ]);
        report.lists_all = false;
        let told = |report: &Report| {
            let twigs = report.twigs();
            let told = twigs
                .list()
                .iter()
                .map(|twig| twig.status.map(Status::value));
            told.collect::<Vec<_>>()
        };
        assert_eq!(told(&report), [Some(0.0)]);
        report.lists_all = true;
        assert_eq!(told(&report), [Some(0.5), Some(0.0), None]);
    }
}
