//! `--json`: the tree as one JSON object, whose schema is a fixed interface.

use serde::Serialize;
use up_core::{Detail, Kind, Mood, NodeId, World};

#[derive(Serialize)]
struct TreeJson<'a> {
    schema: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<&'static str>,
    mood: Mood,
    root: NodeJson<'a>,
}

#[derive(Serialize)]
struct NodeJson<'a> {
    name: &'a str,
    path: &'a str,
    kind: Kind,
    status: Option<f64>,
    level: Option<u8>,
    word: &'static str,
    hold: Option<&'static str>,
    date: Option<f64>,
    duration: Option<f64>,
    cause: Option<CauseJson<'a>>,
    detail: &'a Detail,
    children: Vec<NodeJson<'a>>,
}

#[derive(Serialize)]
struct CauseJson<'a> {
    code: &'static str,
    text: &'a str,
}

/// The tree as one line of JSON.
pub(crate) fn document(world: &World, mood: Mood) -> serde_json::Result<String> {
    one_line(world, mood, None)
}

/// The tree as the first JSON object that `up watch` prints.
pub(crate) fn event(world: &World, mood: Mood) -> serde_json::Result<String> {
    one_line(world, mood, Some("tree"))
}

fn one_line(world: &World, mood: Mood, event: Option<&'static str>) -> serde_json::Result<String> {
    serde_json::to_string(&TreeJson {
        schema: 1,
        event,
        mood,
        root: node(world, world.outline().root(), mood),
    })
}

/// One node with its children. The recursion is bounded, because the depth of a configuration is.
fn node(world: &World, at: NodeId, mood: Mood) -> NodeJson<'_> {
    static NOTHING: Detail = Detail::new();
    let (shape, state) = (world.outline().node(at), world.state(at));
    let hold = up_core::shown_hold(world, at);
    let sample = state.sample.as_ref();
    let cause = sample.and_then(|sample| sample.cause.as_ref());
    NodeJson {
        name: &shape.name,
        path: &shape.path,
        kind: shape.kind,
        status: state.status().map(up_core::Status::value),
        level: state.level().map(up_core::Level::number),
        word: mood.word_of(state.level(), hold),
        hold: hold.map(up_core::Hold::name),
        date: sample.map(|sample| sample.date),
        duration: sample.map(|sample| sample.duration),
        cause: cause.map(|cause| CauseJson {
            code: cause.code.code(),
            text: &cause.text,
        }),
        detail: sample.map_or(&NOTHING, |sample| &sample.detail),
        children: shape
            .children
            .iter()
            .map(|child| node(world, *child, mood))
            .collect(),
    }
}
