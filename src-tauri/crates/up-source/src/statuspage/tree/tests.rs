//! Tests of pages as trees: what their components become, and that no payload breaks the tree.

use serde_json::{Value as Json, json};

use up_core::component::{MAX_COMPONENTS, MAX_DEPTH};
use up_core::path::name_problem;

use super::super::Provider;
use super::super::report::PageScope;
use super::*;

fn component(name: &str, word: &str, state: ComponentState) -> PageComponent {
    PageComponent::new(&json!(name), word.into(), state)
}

fn report(components: Vec<PageComponent>) -> PageReport {
    PageReport {
        components,
        ..PageReport::new("minor".into(), ComponentState::At(0.5))
    }
}

fn group(name: &str, members: Vec<PageComponent>) -> PageComponent {
    PageComponent {
        members,
        ..component(name, "", ComponentState::UnknownWord)
    }
}

#[test]
fn the_page_is_what_it_says_of_itself_unless_a_policy_is_given() {
    let up = || component("Web", "operational", ComponentState::At(1.0));
    let down = || component("API", "major_outage", ComponentState::At(0.0));
    let held = || component("Mail", "under_maintenance", ComponentState::Maintenance);
    let odd = || component("Odd", "purple", ComponentState::UnknownWord);
    let check = |components: Vec<PageComponent>, policy, status: Option<f64>, words: &str| {
        let answer = report(components).tree(policy);
        let text = answer.cause.map(|cause| cause.text).unwrap_or_default();
        assert_eq!(answer.status.map(Status::value), status, "{text}");
        assert_eq!(&*text, words, "{policy:?}");
    };
    let (mean, worst) = (Some(Policy::Mean), Some(Policy::Worst));
    check(vec![up(), down()], None, Some(0.5), "minor");
    let told = "API: major outage";
    check(vec![up(), up(), up(), down()], mean, Some(0.75), told);
    check(vec![up(), down()], worst, Some(0.0), told);
    check(vec![up()], mean, Some(1.0), "");
    check(vec![], mean, Some(0.5), "minor");
    let groups = vec![up(), group("Europe", vec![up(), down()])];
    check(groups, mean, Some(0.75), told);
    check(vec![up(), held(), odd()], mean, Some(1.0), "");
    check(vec![held()], mean, None, "under maintenance");
    let word = "the page reports the unknown word \"purple\" of \"Odd\"";
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
        part(ComponentState::At(0.5)),
        part(ComponentState::At(0.0)),
        part(ComponentState::Maintenance),
    ]);
    report.lists_all = false;
    let told = |report: &PageReport| {
        let reported = report.reported_components();
        let told = reported
            .list()
            .iter()
            .map(|component| component.status.map(Status::value));
        told.collect::<Vec<_>>()
    };
    assert_eq!(told(&report), [Some(0.0)]);
    report.lists_all = true;
    assert_eq!(told(&report), [Some(0.5), Some(0.0), None]);
}

/// A random generator that yields the same numbers on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }
}

/// A value to put in the place of `value`: of another type, malformed, or repeated.
fn odd(dice: &mut Dice, value: &Json) -> Json {
    match dice.roll(9) {
        0 => Json::Null,
        1 => json!(-7.5),
        2 => json!(u64::MAX),
        3 => json!("a/b\n\u{202e}"),
        4 => json!("major_outage"),
        5 => json!("x".repeat(2_000)),
        6 => json!([value, [value], {"name": value}]),
        7 => json!({"id": value, "status": value, "components": [value]}),
        _ => Json::Array(vec![value.clone(); 40]),
    }
}

fn mutated(dice: &mut Dice, value: &Json) -> Json {
    if dice.roll(12) == 0 {
        return odd(dice, value);
    }
    match value {
        Json::Array(items) => {
            let mut items: Vec<Json> = items.iter().map(|item| mutated(dice, item)).collect();
            if let Some(last) = items.last().filter(|_| dice.roll(20) == 0).cloned() {
                items.resize(dice.roll(1_500), last);
            }
            Json::Array(items)
        }
        Json::Object(map) => {
            let each = map.iter();
            each.map(|(key, value)| (key.clone(), mutated(dice, value)))
                .collect()
        }
        other => other.clone(),
    }
}

fn is_sound(components: &[Component], depth: usize) -> usize {
    assert!(components.is_empty() || depth <= MAX_DEPTH);
    let mut names = std::collections::HashSet::new();
    let mut count = 0;
    for component in components {
        assert_eq!(name_problem(&component.name), None, "{:?}", component.name);
        assert!(
            names.insert(&component.name),
            "{:?} stands twice",
            component.name
        );
        let is_up = component.status.is_some_and(Status::is_up);
        assert!(component.cause.is_none() == is_up, "{component:?}");
        assert!(
            component.hold.is_none() || component.status.is_none(),
            "{component:?}"
        );
        count += 1 + is_sound(&component.members, depth + 1);
    }
    count
}

#[test]
fn whatever_a_page_says_its_parts_are_bounded_and_sound() {
    let mut dice = Dice(88_172_645_463_325_252);
    let mut read = 0;
    for provider in Provider::ALL {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../tests/pages/");
        let path = format!("{path}{}.json", provider.name());
        let text = std::fs::read_to_string(&path).expect("each provider has payloads");
        let pages: Json = serde_json::from_str(&text).expect("they are JSON");
        for page in pages.as_object().expect("by their states").values() {
            for _ in 0..12 {
                let body = mutated(&mut dice, page);
                let Some((_, report)) = Provider::detect(&body) else {
                    continue;
                };
                read += 1;
                for policy in [None, Some(Policy::Mean), Some(Policy::AtLeast(3))] {
                    let answer = report.answer(&PageScope::Tree(policy));
                    let reported = answer
                        .components
                        .expect("it tells of its parts, be it of none");
                    assert!(is_sound(reported.list(), 1) <= MAX_COMPONENTS);
                    let is_up = answer.status.is_some_and(Status::is_up);
                    assert_eq!(answer.cause.is_none(), is_up, "{:?}", answer.cause);
                }
            }
        }
    }
    assert!(read > 150, "enough of it can still be read: {read}");
}
