//! Data stored on a disk or in a database.

use up_history::fuzzing::{document, packed, unpack};

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
    FuzzTarget {
        words: &["up\0", "date\0", "cause\0", "message\0", "code\0"],
        ..FuzzTarget::new("mongo_document", document, documents)
    },
];

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
