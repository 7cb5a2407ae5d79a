//! Foreign text where it enters Up: stores, files, sockets and arguments may contain anything. None
//! of it may control a terminal, forge a line, or pass for something else.

use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bson::rawdoc;
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use up_core::{Cause, CauseCode, Kind, Note, Record, Sample, Status};
use up_history::{Embedded, Store};
use up_tests::hostile::mongo::{HostileMongo, greets, hello, name, raw_reply, reply};
use up_tests::up::{RunOutcome, Up};

const CONFIG: &str = "name = \"R\"\n[[source]]\ntype = \"command\"\ncommand = [\"true\"]\n";

/// Every harmful kind of character, alone and together with words around it.
fn loud() -> Vec<String> {
    let harm = [
        "\u{1b}",
        "\u{1b}[2J\u{1b}[31m",
        "\u{1b}]0;title\u{7}",
        "\u{1b}]8;;https://example.org/\u{1b}\\",
        "\r\n2026-01-01 00:00:00 UP",
        "\r",
        "\n",
        "\t\u{8}\u{7f}",
        "\0",
        "\u{9b}31m",
        "\u{85}",
        "\u{2028}",
        "\u{202e}",
        "\u{2066}x\u{2069}",
        "\u{200b}\u{200d}\u{feff}",
        "\u{e0041}",
    ];
    let mut loud: Vec<String> = harm.iter().map(|harm| format!("be{harm}hind")).collect();
    loud.push(harm.concat());
    loud.push("long ".repeat(200_000));
    loud.push("\u{1b}[31m".repeat(200_000));
    loud
}

/// Checks the output of a run, on standard output and error.
fn check(what: &str, ran: &RunOutcome) {
    for text in [&ran.out, &ran.err] {
        let harm = text.chars().find(|c| {
            let line_end = matches!(c, '\n' | '\r') && text.contains("\r\n") || *c == '\n';
            c.is_control() && !line_end
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
                || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
        });
        assert_eq!(harm, None, "{what}: {text:?}");
        assert!(text.len() < 20_000, "{what}: {} bytes", text.len());
        for line in text.lines() {
            assert!(
                !line.starts_with("2026-01-01 00:00:00"),
                "{what}: a forged line: {text}"
            );
        }
    }
}

fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("the clock is right").as_secs_f64()
}

/// Makes a history with one sample of `/R` and one note.
async fn history(data: &Path) {
    std::fs::create_dir_all(data).expect("a folder");
    let store = Embedded::open(data).expect("a new history");
    let sample = Sample {
        status: Some(Status::DOWN),
        date: now() - 60.0,
        duration: 0.1,
        cause: Some(Cause::new(CauseCode::Refused, "it was refused")),
        detail: up_core::Detail::new(),
    };
    let record = Record {
        path: "/R".into(),
        kind: Kind("command"),
        sample,
    };
    store.append(vec![Arc::new(record)]).await.expect("kept");
    store
        .import_note(Note::new("a note", now() - 30.0))
        .await
        .expect("kept");
    store.close().await;
}

/// Requests the content of the history in every form.
fn ask_all(up: &Up, what: &str) {
    for form in [None, Some("--json"), Some("--csv")] {
        let ran = up.run(["history", "/R"].into_iter().chain(form));
        assert_eq!(ran.code, Some(0), "{what}: {}", ran.err);
        check(&format!("{what} {form:?}"), &ran);
        let forms = if form == Some("--csv") {
            "be"
        } else {
            "behind"
        };
        assert!(
            !what.contains("behind") || ran.out.contains(forms),
            "{what}: {}",
            ran.out
        );
    }
}

#[tokio::test]
async fn a_foreign_history_is_read_and_harms_nobody() {
    let up = Up::new();
    history(&up.data()).await;
    let file = Connection::open(up.data().join("history.db")).expect("it is SQLite");
    for words in loud() {
        let what: String = words.chars().take(40).collect();
        file.execute("UPDATE causes SET text = ?1, code = ?1", [&words])
            .expect("edited");
        file.execute("UPDATE notes SET message = ?1", [&words])
            .expect("edited");
        ask_all(&up, &what);
    }
    // Values of other types, and bytes that are no text.
    let values: [&dyn rusqlite::ToSql; 4] = [&7, &0.5, &vec![0xff_u8; 1_000], &vec![0x1b_u8; 9]];
    for value in values {
        file.execute("UPDATE causes SET text = ?1, code = ?1", params![value])
            .expect("edited");
        file.execute("UPDATE notes SET message = ?1", params![value])
            .expect("edited");
        ask_all(&up, "a value of another kind");
    }
    let huge = vec![b'x'; 100 << 20];
    file.execute("UPDATE notes SET message = ?1", params![huge])
        .expect("edited");
    file.execute("UPDATE causes SET text = ?1", params![huge])
        .expect("edited");
    ask_all(&up, "100 MiB");
    for (number, words) in loud().into_iter().enumerate() {
        file.execute(
            "INSERT INTO paths(path, kind, last) VALUES(?1, 'command', 9000000)",
            [format!("/{number}{words}")],
        )
        .expect("edited");
    }
    drop(file);
    let store = Embedded::open(&up.data()).expect("it is a history");
    let paths = store.paths().await.expect("paths");
    assert_eq!(paths, ["/R"], "what cannot be a path of Up's is left out");
}

#[tokio::test]
async fn names_in_a_damaged_file_are_cleaned_too() {
    let up = Up::new();
    history(&up.data()).await;
    let file = Connection::open(up.data().join("history.db")).expect("it is SQLite");
    file.execute_batch("ALTER TABLE causes RENAME COLUMN text TO \"x\u{1b}[31m\"")
        .expect("edited");
    drop(file);
    let ran = up.run(["history", "/R"]);
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    check("another table", &ran);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_mongodb_has_harms_nobody() {
    for words in loud() {
        let what: String = words.chars().take(40).collect();
        let date = now() - 60.0;
        let mongo = HostileMongo::start(move |command| {
            let collection = command.get_str(name(command)).unwrap_or_default();
            let batch = match (name(command), collection) {
                ("aggregate", "statuses") => vec![rawdoc! { "n": 1 }],
                ("find", "statuses") => vec![rawdoc! {
                    "path": words.clone(), "date": date, "up": 0.0, "duration": 0.1,
                    "agent": words.clone(),
                    "cause": { "code": words.clone(), "text": words.clone() },
                }],
                ("find", "annotations") => {
                    vec![rawdoc! { "date": date, "message": words.clone() }]
                }
                _ if greets(command) => return vec![reply(&hello())],
                _ => Vec::new(),
            };
            let mut list = bson::RawArrayBuf::new();
            for document in batch {
                list.push(document);
            }
            let cursor = rawdoc! { "id": 0_i64, "ns": "up.statuses", "firstBatch": list };
            vec![raw_reply(
                rawdoc! { "cursor": cursor, "ok": 1.0 }.as_bytes(),
            )]
        })
        .await;
        let up = Up::with(format!(
            "{CONFIG}[[sink]]\ntype = \"mongo\"\nuri = \"{}\"\n",
            mongo.uri()
        ));
        let asked = tokio::task::spawn_blocking(move || {
            ask_all(&up, &what);
            let ran = up.run(["history", "/R"]);
            assert!(
                ran.out.contains("from MongoDB 127.0.0.1"),
                "{what}: {}{}",
                ran.out,
                ran.err
            );
        });
        asked.await.expect("it is clean");
    }
}

#[test]
fn what_controls_hold_harms_nobody() {
    for words in loud() {
        let what: String = words.chars().take(40).collect();
        let up = Up::new();
        std::fs::create_dir_all(up.data()).expect("a folder");
        let path = format!("/R/{words}");
        let snooze = json!({ "since": 1.0, "until": now() + 1_000.0 });
        let controls = json!({
            "schema": 1, "snoozed": { &path: snooze }, "paused": { &path: { "since": 1.0 } },
            "acknowledged": {
                &path: { "since": 1.0, "note": &words }, "/R": { "since": 1.0, "note": &words },
            },
            "muted": null,
        });
        let text = controls.to_string();
        std::fs::write(up.data().join("controls.json"), text).expect("it is written");
        for form in [None, Some("--json")] {
            let ran = up.run(["controls"].into_iter().chain(form));
            assert_eq!(ran.code, Some(0), "{what}: {}", ran.err);
            check(&what, &ran);
            assert!(ran.out.contains("/R"), "{what}: {}", ran.out);
        }
        let text = format!("{{\"schema\":1,\"paused\":{}}}", Value::from(words));
        std::fs::write(up.data().join("controls.json"), text).expect("it is written");
        let ran = up.run(["controls"]);
        assert_eq!(ran.code, Some(2), "{what}: {}", ran.out);
        check(&what, &ran);
    }
}

#[test]
fn what_people_write_is_one_line_at_once() {
    // The system passes no zero byte in an argument, and no argument that is this long.
    let fit = |words: &String| !words.contains('\0') && words.len() < 100_000;
    for words in loud().iter().filter(|words| fit(words)) {
        let up = Up::with(CONFIG);
        let ran = up.run(["note", words]);
        assert_eq!(ran.code, Some(0), "{words:?}: {}", ran.err);
        let ran = up.run(["--note", words]);
        assert_eq!(ran.code, Some(0), "{words:?}: {}", ran.err);
        check(words, &ran);
        let ran = up.run(["history", "/R", "--json"]);
        check(words, &ran);
        for args in [
            vec!["history", words],
            vec!["snooze", words],
            vec!["pause", words],
            vec!["ack", "/R", "--note", words],
        ] {
            check(words, &up.run(args));
        }
        let path = format!("/R/{words}");
        for command in ["history", "snooze", "pause", "resume", "ack"] {
            check(words, &up.run([command, &path]));
        }
        check(words, &up.run(["controls"]));
    }
}

#[cfg(unix)]
#[test]
fn what_listens_on_the_socket_harms_nobody() {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::os::unix::net::UnixListener;
    for words in loud().into_iter().filter(|words| words.len() < 200_000) {
        let up = Up::with(CONFIG);
        std::fs::create_dir_all(up.data()).expect("a folder");
        let listener = UnixListener::bind(up.data().join("control.sock")).expect("a socket");
        let answer = json!({ "answer": "refused", "why": &words });
        let answering = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a client");
            let mut line = String::new();
            let mut reader = BufReader::new(stream.try_clone().expect("the same socket"));
            reader.read_line(&mut line).expect("a question");
            writeln!(stream, "{answer}").expect("it is read");
        });
        let ran = up.run(["pause", "/R"]);
        answering.join().expect("it was asked");
        assert_eq!(ran.code, Some(2), "{words:?}: {}", ran.out);
        check(&words, &ran);
    }
}
