//! Certificates, STARTTLS dialogues, the bytes of TCP peers, and DNS messages.

use up_source::fuzzing::{certificate, dns, starttls, tcp};
use up_source::tcp::{TcpExpect, TcpPattern};
use up_source::tls::StartTls;

use super::{ber, texts};
use crate::grown::grown;
use crate::sound::sound;
use crate::{FuzzTarget, Grown};

pub(super) const TARGETS: &[FuzzTarget] = &[
    FuzzTarget::new("certificate", certificate, certificates),
    FuzzTarget {
        words: &[
            "\r\n",
            "220 ",
            "250-",
            "250 STARTTLS\r\n",
            "* OK ",
            "up OK",
            "+OK",
            "-ERR ",
            "\x30\x0c\x02\x01\x01\x78",
        ],
        grown: DIALOGUES,
        // It keeps the bytes that it read, and the lines of a reply.
        largest: 32 << 10,
        ..FuzzTarget::new("starttls", said_before_tls, dialogues)
    },
    FuzzTarget {
        words: &["220 ", "ESMTP", "\r\n", "PONG"],
        grown: &[grown("", "220 x\r\n", ""), grown("", "\u{fffd}", "")],
        largest: 128 << 10,
        // The pattern is compiled for each input.
        spare: 4 << 20,
        ..FuzzTarget::new("tcp", said_over_tcp, || {
            texts(&["220 mail.example ESMTP\r\n", "+PONG\r\n", "554 no\r\n"])
        })
    },
    FuzzTarget {
        words: &[
            "\x03www\x07example",
            "\u{0}\u{1}\u{0}\u{1}",
            "\u{0}\u{5}\u{0}\u{1}",
        ],
        // A record of twelve bytes may expand to a name of 255.
        factor: 160,
        ..FuzzTarget::new("dns", |bytes| sound(dns(bytes)), messages)
    },
];

/// A certificate with two names of the issuer, two dates and three alternative names, and one of
/// version 1.
fn certificates() -> Vec<Vec<u8>> {
    let pair = |oid: &[u8], form: u8, text: &[u8]| {
        let parts = [ber(6, oid), ber(form, text)].concat();
        ber(0x31, &ber(0x30, &parts))
    };
    let name = ber(
        0x30,
        &[
            pair(&[0x55, 4, 10], 0x0c, b"Org"),
            pair(&[0x55, 4, 3], 0x1e, b"\0C\0A"),
        ]
        .concat(),
    );
    let dates = [ber(0x17, b"700101000000Z"), ber(0x18, b"20500101000000Z")].concat();
    let names = [
        ber(0x82, b"a.example"),
        ber(0x87, &[127, 0, 0, 1]),
        ber(0x87, &[0; 16]),
    ];
    let alternatives = [
        ber(6, &[0x55, 0x1d, 0x11]),
        ber(1, &[0xff]),
        ber(4, &ber(0x30, &names.concat())),
    ];
    let extensions = ber(0x30, &ber(0x30, &alternatives.concat()));
    let algorithm = ber(0x30, &ber(6, &[0x2a]));
    let fields = [
        ber(0xa0, &ber(2, &[2])),
        ber(2, &[7]),
        algorithm.clone(),
        name.clone(),
        ber(0x30, &dates),
        name,
        ber(0x30, &[algorithm.clone(), ber(3, &[0, 4])].concat()),
        ber(0xa3, &extensions),
    ];
    let signed = |fields: &[Vec<u8>]| {
        let fields = ber(0x30, &fields.concat());
        ber(0x30, &[fields, algorithm.clone(), ber(3, &[0, 1])].concat())
    };
    vec![signed(&fields), signed(&fields[1..7])]
}

/// The first byte of the input selects the protocol.
fn said_before_tls(input: &[u8]) {
    let Some((first, said)) = input.split_first() else {
        return;
    };
    let protocol = match first {
        b's' => StartTls::Smtp,
        b'i' => StartTls::Imap,
        b'p' => StartTls::Pop3,
        b'l' => StartTls::Ldap,
        _ => StartTls::Postgres,
    };
    sound([starttls(protocol, said)]);
}

fn dialogues() -> Vec<Vec<u8>> {
    let mut all = texts(&[
        "s220 mail.example ESMTP\r\n250-mail.example\r\n250-SIZE 1\r\n250 STARTTLS\r\n220 go\r\n",
        "s554-no\r\n554 service\r\n",
        "i* OK ready\r\n* CAPABILITY\r\nup OK begin\r\n",
        "i* BYE busy\r\n",
        "i* PREAUTH hello\r\nup NO\r\n",
        "p+OK ready\r\n+OK begin\r\n",
        "p-ERR busy\r\n",
        "qS",
        "qN",
    ]);
    for code in [0, 2, 52] {
        let result = [ber(0x0a, &[code]), ber(4, &[]), ber(4, b"no")].concat();
        let answer = [ber(2, &[1]), ber(0x78, &result)].concat();
        all.push([b"l".as_slice(), &ber(0x30, &answer)].concat());
    }
    all
}

const DIALOGUES: &[Grown] = &[
    grown("s220 x\r\n", "250-#\r\n", "250 STARTTLS\r\n220 go\r\n"),
    grown("s220 ", "x", "\r\n"),
    grown("i* OK\r\n", "* #\r\n", "up OK\r\n"),
    grown("l\x30\x7f", "\x02\x01\x01\x78", ""),
];

fn said_over_tcp(said: &[u8]) {
    let pattern = TcpPattern {
        regex: "(?m)^220 .*ESMTP|x(a|b)*y".to_owned(),
    };
    for expect in [TcpExpect::Text("PONG".into()), TcpExpect::Pattern(pattern)] {
        sound([tcp(&expect, said)]);
    }
}

/// Answers of each kind to a query for `www.example`, with compressed names.
fn messages() -> Vec<Vec<u8>> {
    let record = |kind: u16, data: &[u8]| {
        let head = [0xc0, 12, (kind >> 8) as u8, kind as u8, 0, 1, 0, 0, 1, 44];
        let length = (data.len() as u16).to_be_bytes();
        [&head[..], &length, data].concat()
    };
    let message = |kind: u16, flags: [u8; 2], records: &[Vec<u8>]| {
        let counts = [0, 1, 0, records.len() as u8, 0, 0, 0, 0];
        let question = b"\x03www\x07example\0";
        let kind = [(kind >> 8) as u8, kind as u8, 0, 1];
        let parts = [&[0, 7], &flags[..], &counts, question, &kind];
        [parts.concat(), records.concat()].concat()
    };
    let well = [0x81, 0xa0];
    let soa = [b"\x02ns\xc0\x10\x04root\xc0\x10".as_slice(), &[0; 20]].concat();
    let opt = [&[0, 0, 41, 4, 0xd0, 0, 0, 0x80, 0, 0, 4][..], &[0, 3, 0, 0]].concat();
    vec![
        message(
            1,
            well,
            &[record(1, &[192, 0, 2, 1]), record(1, &[192, 0, 2, 2])],
        ),
        message(
            28,
            well,
            &[record(5, b"\x01w\xc0\x10"), record(28, &[0; 16])],
        ),
        message(15, well, &[record(15, b"\0\x0a\x02mx\xc0\x10")]),
        message(16, well, &[record(16, b"\x05v=spf\x04-all")]),
        message(6, well, &[record(6, &soa)]),
        message(33, well, &[record(33, b"\0\x01\0\x02\x01\xbb\xc0\x0c")]),
        message(257, well, &[record(257, b"\0\x05issueca.example")]),
        message(1, well, &[opt]),
        message(1, [0x81, 0x83], &[]),
        message(1, [0x83, 0x80], &[]),
        // A head that announces very many questions.
        vec![0, 7, 0x81, 0xa0, 0xff, 0xff, 0, 0, 0, 0, 0, 0],
    ]
}
