//! Datagrams of SNMP agents.

use std::sync::LazyLock;

use up_source::fuzzing::snmp::{Community, REQUEST_ID, sealed, v3, value};
use up_source::snmp::SnmpOids;

use super::ber;
use crate::FuzzTarget;
use crate::sound::sound;

pub(super) const TARGETS: &[FuzzTarget] = &[
    FuzzTarget {
        spare: 2 << 20,
        ..FuzzTarget::new("snmp_community", community, datagrams)
    },
    FuzzTarget::new(
        "snmp_v3",
        |bytes| sound(v3(bytes)),
        || {
            let mut seeds = sealed();
            seeds.extend(reports());
            seeds
        },
    ),
    FuzzTarget::new(
        "snmp_value",
        |octets| sound(value(octets)),
        || {
            vec![
                b"router".to_vec(),
                b"\x00\x1b\x21\x0a\xff\x01".to_vec(),
                vec![0x44, 0x04],
                b"0.15\0".to_vec(),
                vec![0x2b, 6, 1, 0x8f, 0xff, 0xff, 0xff, 0x7f],
            ]
        },
    ),
];

/// Conditions of each kind, with the objects in the order in which they are requested.
const ASKED: &str = r#"[
    {"oid":"1.3.6.1.2.1.2.2.1.8.1","expect":["up","dormant"]},
    {"oid":"1.3.6.1.2.1.1.1.0","expect":{"regex":"^Linux"}},
    {"oid":"1.3.6.1.2.1.2.2.1.10.1","rate":true,"warn":"~:10"},
    {"oid":"1.3.6.1.2.1.25.2.3.1.6.1","of":"1.3.6.1.2.1.25.2.3.1.5.1","crit":"90"}
]"#;

static CONDITIONS: LazyLock<Community> = LazyLock::new(|| {
    let oids: SnmpOids = serde_json::from_str(ASKED).expect("objects as up.toml has them");
    Community::new(Some(&oids))
});

fn community(bytes: &[u8]) {
    sound(Community::new(None).answer(bytes));
    sound(CONDITIONS.answer(bytes));
}

/// v1 and v2c responses: a name, values of every type for the conditions, and an error.
fn datagrams() -> Vec<Vec<u8>> {
    let object = |oid: &[u8], value: Vec<u8>| ber(0x30, &[ber(6, oid), value].concat());
    let message = |version: u8, status: u8, objects: &[Vec<u8>]| {
        let id = REQUEST_ID.to_be_bytes();
        let parts = [
            ber(2, &id),
            ber(2, &[status]),
            ber(2, &[status.min(1)]),
            ber(0x30, &objects.concat()),
        ];
        let parts = [
            ber(2, &[version]),
            ber(4, b"public"),
            ber(0xa2, &parts.concat()),
        ];
        ber(0x30, &parts.concat())
    };
    let mib = |rest: &[u8]| [&[0x2b, 6, 1, 2, 1], rest].concat();
    let name = mib(&[1, 5, 0]);
    let asked = |values: [Vec<u8>; 6]| {
        let oids = [
            mib(&[2, 2, 1, 8, 1]),
            mib(&[1, 1, 0]),
            mib(&[1, 3, 0]),
            mib(&[2, 2, 1, 10, 1]),
            mib(&[25, 2, 3, 1, 5, 1]),
            mib(&[25, 2, 3, 1, 6, 1]),
        ];
        let objects: Vec<_> = oids.iter().zip(values).map(|(o, v)| object(o, v)).collect();
        objects
    };
    let well = asked([
        ber(2, &[1]),
        ber(4, b"Linux 6.1"),
        ber(0x43, &[1, 0, 0]),
        ber(0x41, &[0xff; 4]),
        ber(2, &[100]),
        ber(2, &[50]),
    ]);
    let odd = asked([
        ber(0x40, &[192, 0, 2, 1]),
        ber(0x81, &[]),
        ber(0x43, &[0x7f]),
        ber(0x46, &[0xff; 8]),
        ber(0x42, &[5]),
        ber(6, &mib(&[1])),
    ]);
    vec![
        message(1, 0, &[object(&name, ber(4, b"router"))]),
        message(0, 2, &[object(&name, ber(5, &[]))]),
        message(1, 0, &[object(&name, ber(0x82, &[]))]),
        message(1, 0, &well),
        message(1, 0, &odd),
        message(1, 5, &well),
    ]
}

/// A v3 report of an unknown user name, and a response without security.
fn reports() -> Vec<Vec<u8>> {
    let objects =
        |oid: &[u8], value: Vec<u8>| ber(0x30, &ber(0x30, &[ber(6, oid), value].concat()));
    let message = |tag: u8, objects: Vec<u8>| {
        let id = REQUEST_ID.to_be_bytes();
        let header = [ber(2, &id), ber(2, &[5, 0xdc]), ber(4, &[0]), ber(2, &[3])];
        let engine = up_source::fuzzing::snmp::ENGINE;
        let security = [
            ber(4, engine),
            ber(2, &[3]),
            ber(2, &[3, 0xe8]),
            ber(4, b"up"),
            ber(4, &[]),
            ber(4, &[]),
        ];
        let pdu = [ber(2, &id), ber(2, &[0]), ber(2, &[0]), objects];
        let scoped = [ber(4, engine), ber(4, &[]), ber(tag, &pdu.concat())];
        let parts = [
            ber(2, &[3]),
            ber(0x30, &header.concat()),
            ber(4, &ber(0x30, &security.concat())),
            ber(0x30, &scoped.concat()),
        ];
        ber(0x30, &parts.concat())
    };
    let unknown_user = [0x2b, 6, 1, 6, 3, 15, 1, 1, 3, 0];
    let name = [0x2b, 6, 1, 2, 1, 1, 5, 0];
    vec![
        message(0xa8, objects(&unknown_user, ber(0x41, &[9]))),
        message(0xa2, objects(&name, ber(4, b"router"))),
    ]
}
