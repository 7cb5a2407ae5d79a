//! Data stored on a disk or in a database.

use up_core::component::{MAX_COMPONENTS, MAX_DEPTH};
use up_core::path::MAX_NAME;
use up_core::{Component, Status};
use up_history::fuzzing::{document, packed, packed_metrics, unpack, unpack_metrics};

use crate::FuzzTarget;

pub(super) const TARGETS: &[FuzzTarget] = &[
    FuzzTarget {
        // An hour of samples of one path, many times.
        largest: 1 << 20,
        ..FuzzTarget::new("history_run", unpack, || {
            // The last seed has a status of 2.
            vec![
                packed(false),
                packed(true),
                vec![0xff; 11],
                vec![1, 3, 0, 0, 0, 0, 0, 0, 0, 0x40],
            ]
        })
    },
    FuzzTarget::new("history_metrics", unpack_metrics, || vec![packed_metrics()]),
    FuzzTarget {
        words: &["up\0", "date\0", "cause\0", "message\0", "code\0"],
        ..FuzzTarget::new("mongo_document", document, documents)
    },
    FuzzTarget {
        words: &[
            "_id\0", "path\0", "agent\0", "last\0", "first\0", "count\0", "at\0", "//",
        ],
        ..FuzzTarget::new("mongo_fleet", fleet, fleet_documents)
    },
];

/// A fleet is read, and shown as components within their bounds.
fn fleet(bytes: &[u8]) {
    for result in up_source::fuzzing::fleet(&up_history::fuzzing::fleet(bytes)) {
        let shown = result.components.expect("a fleet has components");
        assert!(count(shown.list(), 1) <= MAX_COMPONENTS);
    }
}

fn count(components: &[Component], depth: usize) -> usize {
    assert!(
        depth <= MAX_DEPTH + 1 || components.is_empty(),
        "{depth} levels"
    );
    let of = |one: &Component| {
        let status = one.status.map(Status::value);
        assert!(status.is_none_or(|status| (0.0..=1.0).contains(&status)));
        assert!(!one.name.contains('/') && one.name.len() <= MAX_NAME);
        1 + count(&one.members, depth + 1)
    };
    components.iter().map(of).sum()
}

/// What a server answers about two agents, one of which has a very deep path.
fn fleet_documents() -> Vec<Vec<u8>> {
    let double = |number: f64| number.to_le_bytes().to_vec();
    let sample = |agent: &str, path: &str, up: f64, date: f64| {
        let id = bson(&[
            element(2, "agent", &text(agent)),
            element(2, "path", &text(path)),
        ]);
        let last = bson(&[
            element(1, "date", &double(date)),
            element(1, "up", &double(up)),
            element(1, "took", &double(0.25)),
            element(2, "code", &text("refused")),
            element(2, "text", &text("connection refused")),
        ]);
        bson(&[
            element(3, "_id", &id),
            element(3, "last", &last),
            element(1, "first", &double(date - 60.0)),
            element(0x10, "count", &3_i32.to_le_bytes()),
        ])
    };
    let contact = bson(&[
        element(2, "_id", &text("a")),
        element(9, "at", &1_800_000_000_000_i64.to_le_bytes()),
        element(1, "clock", &double(1.8e9)),
        element(2, "version", &text("1.0.0")),
        element(0x10, "sources", &2_i32.to_le_bytes()),
        element(1, "interval", &double(30.0)),
    ]);
    let event = bson(&[
        element(2, "agent", &text("a")),
        element(2, "path", &text("/R/a")),
        element(1, "up", &double(1.0)),
    ]);
    let near = sample("a", "/R/a", 0.0, 1.8e9);
    let deep = sample("", &"/x".repeat(500), 1.0, 1.8e9 - 10.0);
    let future = sample("b", "//R//", 0.5, f64::MAX);
    vec![
        [contact.clone(), near.clone(), deep.clone(), future.clone()].concat(),
        [near.clone(), near, future, event].concat(),
        [deep, contact].concat(),
    ]
}

/// A BSON element: its type, its name and its value.
fn element(kind: u8, name: &str, value: &[u8]) -> Vec<u8> {
    [&[kind], name.as_bytes(), &[0], value].concat()
}

fn bson(elements: &[Vec<u8>]) -> Vec<u8> {
    let elements = elements.concat();
    let length = (elements.len() as u32 + 5).to_le_bytes();
    [&length[..], &elements, &[0]].concat()
}

fn text(text: &str) -> Vec<u8> {
    let length = (text.len() as u32 + 1).to_le_bytes();
    [&length[..], text.as_bytes(), &[0]].concat()
}

/// Documents as Up writes them, as the original Up wrote them, and a note.
fn documents() -> Vec<Vec<u8>> {
    let double = |number: f64| number.to_le_bytes().to_vec();
    let cause = bson(&[
        element(2, "text", &text("no route")),
        element(2, "code", &text("unreachable")),
    ]);
    let ours = bson(&[
        element(7, "_id", &[7; 12]),
        element(2, "path", &text("/Root/a")),
        element(1, "up", &double(0.5)),
        element(1, "date", &double(1.7e9)),
        element(1, "duration", &double(0.25)),
        element(9, "at", &[0; 8]),
        element(3, "cause", &cause),
    ]);
    let original = bson(&[
        element(0x10, "up", &1_i32.to_le_bytes()),
        element(0x12, "date", &1_700_000_000_i64.to_le_bytes()),
    ]);
    let unknown = bson(&[
        element(0x0a, "up", &[]),
        element(1, "date", &double(f64::NAN)),
    ]);
    let note = bson(&[
        element(2, "message", &text("moved the router")),
        element(1, "date", &double(1.7e9)),
    ]);
    vec![
        [ours.clone(), original.clone(), unknown.clone()].concat(),
        ours,
        original,
        unknown,
        note,
    ]
}
