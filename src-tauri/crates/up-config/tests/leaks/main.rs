//! Whatever is wrong with a configuration, nothing that is said of it holds a piece of a secret.

mod random;
mod spoil;

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use tracing_subscriber::filter::LevelFilter;
use up_config::{ConfigFile, in_toml, load_text};

use random::SplitMix64;

/// So many characters of a secret in a row are a leak.
const PIECE: usize = 6;

/// Every key that may hold a secret, with `{}` in place of each.
const EVERY_KEY: &str = include_str!("every_key.toml");

/// The examples, whose own secrets are replaced by planted ones.
const EXAMPLES: &[&str] = &[
    include_str!("../../../../../config/up.toml"),
    include_str!("../../../../../config/examples/http.toml"),
    include_str!("../../../../../config/examples/http-expect.toml"),
    include_str!("../../../../../config/examples/mongo.toml"),
    include_str!("../../../../../config/examples/snmp.toml"),
    include_str!("../../../../../config/examples/snmp-disk.toml"),
    include_str!("../../../../../config/examples/command.toml"),
    include_str!("../../../../../config/examples/webhook.toml"),
    include_str!("../../../../../config/examples/webhook-slack.toml"),
    include_str!("../../../../../config/examples/webhook-ntfy.toml"),
    include_str!("../../../../../config/examples/tree-vpn.toml"),
];

/// In the examples, what is a secret or may be one.
const IN_EXAMPLES: [&str; 9] = [
    "\"password\"",
    "up:password@",
    "\"a long password\"",
    "\"another long password\"",
    "\"watch\"",
    "https://ntfy.sh/",
    "\"application/json\"",
    "\"C.UTF-8\"",
    "/services/",
];

/// A configuration with secrets in it.
struct Planted {
    text: String,
    secrets: Vec<String>,
}

fn plant(random: &mut SplitMix64, text: &str) -> Planted {
    let mut secrets = Vec::new();
    let mut made = String::new();
    let mut parts = text.split("{}");
    made.push_str(parts.next().unwrap_or_default());
    for rest in parts {
        let in_url = made.ends_with([':', '/', '=', '#']) && !made.ends_with(" =");
        let secret = random.secret(in_url);
        made.push_str(&secret);
        secrets.push(secret);
        made.push_str(rest);
    }
    Planted {
        text: made,
        secrets,
    }
}

/// An example with `{}` where a secret may stand.
fn with_places(example: &str) -> String {
    let mut text = example.to_owned();
    for place in IN_EXAMPLES {
        let hole = match place {
            "up:password@" => "up:{}@",
            "https://ntfy.sh/" => "https://ntfy.sh/{}/",
            "/services/" => "/services/{}/",
            _ => "\"{}\"",
        };
        text = text.replace(place, hole);
    }
    text
}

/// Everything that is said of a text, and all that is logged of it by whatever crate.
fn said(text: &str) -> String {
    let log = CapturedLog::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        // The digits of a time may be those of a planted secret by chance.
        .without_time()
        .with_max_level(LevelFilter::TRACE)
        .with_ansi(false)
        // A time may contain the digits of a secret by chance.
        .without_time()
        .with_writer(move || writer.clone())
        .finish();
    let load = || load_text(text, Path::new("up.toml"));
    let loaded = tracing::subscriber::with_default(subscriber, load);
    let told = match loaded {
        Ok(plan) => format!("{:?}", plan.warnings),
        Err(error) => format!("{error}\n{error:?}"),
    };
    let logged = log.0.lock().unwrap_or_else(PoisonError::into_inner);
    let logged = String::from_utf8_lossy(&logged);
    assert!(logged.contains("the configuration is "), "{logged:?}");
    format!("{told}\n{logged}")
}

/// A log that is kept.
#[derive(Clone, Default)]
struct CapturedLog(Arc<Mutex<Vec<u8>>>);

impl Write for CapturedLog {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        log.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A piece of a secret in what is said, if there is one.
fn leak<'s>(secrets: &'s [String], said: &str) -> Option<&'s str> {
    secrets.iter().find_map(|secret| {
        let starts: Vec<usize> = secret.char_indices().map(|(at, _)| at).collect();
        let pieces = starts.iter().enumerate().filter_map(|(number, at)| {
            let end = match starts.get(number + PIECE) {
                Some(end) => *end,
                None if number + PIECE == starts.len() => secret.len(),
                None => return None,
            };
            Some(&secret[*at..end])
        });
        // Of random letters some are a piece of our own words.
        let ours = |piece: &str| format!("mistakes {}", up_config::schema()).contains(piece);
        let mut told = pieces.into_iter().filter(|piece| said.contains(piece));
        told.find(|piece| !ours(piece))
    })
}

fn number_in(variable: &str, otherwise: u64) -> u64 {
    let given = std::env::var(variable).ok();
    given
        .and_then(|given| given.parse().ok())
        .unwrap_or(otherwise)
}

/// `LEAK_SEED` and `LEAK_ROUNDS` make it another run, or a longer one.
#[test]
fn no_spoilt_configuration_tells_a_secret() {
    let (seed, rounds) = (number_in("LEAK_SEED", 7), number_in("LEAK_ROUNDS", 1000));
    let examples: Vec<String> = EXAMPLES.iter().map(|text| with_places(text)).collect();
    let mut leaks = 0;
    for round in 0..rounds {
        let random = &mut SplitMix64::new(seed * 1_000_003 + round);
        let template = match random.below(3) {
            0 => random.one_of(&examples),
            _ => EVERY_KEY,
        };
        let planted = plant(random, template);
        let spoilt = spoil::some(random, &planted.text);
        let said = said(&spoilt);
        if let Some(piece) = leak(&planted.secrets, &said) {
            leaks += 1;
            let line = spoilt.lines().find(|line| line.contains(piece));
            println!("round {round}: {piece:?} is told, of {line:?}:\n{said:.1500}\n");
        }
        assert!(leaks < 10, "enough leaks");
    }
    assert_eq!(leaks, 0, "of {rounds} configurations, with the seed {seed}");
}

/// Of two values that became one, because what stood between them was lost, the second is not told.
#[test]
fn a_value_behind_a_lost_end_is_not_told() {
    let check = |keys: &str, is_told: bool| {
        let text = format!("name = \"S\"\n[[source]]\nname = \"r\"\n{keys}\n");
        let told = said(&text).contains("correcthorse");
        assert_eq!(told, is_told, "{keys}");
    };
    for kind in "snmp tcp tls ping dns".split(' ') {
        let of = |key: &str, value: &str| format!("type = \"{kind}\"\nport = 0\n{key} = {value}");
        check(&of("host", "\"192.0'correcthorse\""), false);
        check(&of("host", "'192.0\"correcthorse'"), false);
        check(&of("address", "\"192.0'correcthorse\""), false);
        check(&of("hots", "\"192.0'correcthorse\""), false);
    }
    check(
        "type = \"dns\"\nhost = \"r\"\nresolver = \"9.9'correcthorse\"",
        false,
    );
    check(
        "type = \"dns\"\nhost = \"r\"\nresolver = \"/correcthorse\"",
        true,
    );
    check("type = \"http\"\nurl = \"http'correcthorse\"", false);
    check("type = \"tree\"\ndepends_on = [\"a'correcthorse\"]", false);
    check(
        "type = \"tree\"\ndepends_on = [\"Bob's correcthorse\"]",
        true,
    );
    check(
        "type = \"ping\"\nhost = \"h\"\ntags = [\"a'correcthorse, b\"]",
        false,
    );
}

/// The walk that hides secrets follows every valid file to its end.
#[test]
fn what_is_harmless_below_a_valid_file_is_shown() {
    for text in EXAMPLES.iter().chain(&[EVERY_KEY]) {
        let told = said(&format!("{text}\n[panel]\nwidth = 5 # wide\n"));
        assert!(
            told.contains("\n    width = 5 # wide\n"),
            "{text}\n=>\n{told}"
        );
    }
}

/// Logs, panics and whoever else prints a plan see no secret in it. What it says of a command is for
/// people: its arguments are shown, but for those that are secrets by their look.
#[test]
fn no_plan_shows_a_secret() {
    for seed in 0..20 {
        let random = &mut SplitMix64::new(seed);
        let planted = plant(random, EVERY_KEY);
        let plan = match load_text(&planted.text, Path::new("up.toml")) {
            Ok(plan) => plan,
            Err(error) => panic!("{error}\n{}", planted.text),
        };
        for said in [format!("{plan:?}"), format!("{plan:#?}")] {
            // A hash has so many digits that some are those of a secret by chance.
            let without = |said: String, hash: &str| -> String {
                let parts = said.split(hash);
                let parts = parts.map(|part| part.trim_start_matches(|c: char| c.is_ascii_digit()));
                parts.collect()
            };
            let said = ["fingerprint: ", "secrets: ", "files: "]
                .into_iter()
                .fold(said, without);
            let leak = leak(&planted.secrets, &said);
            assert_eq!(leak, None, "{}\n=>\n{said}", planted.text);
        }
        let folder = tempfile::tempdir().expect("a temporary directory");
        let file = folder.path().join("up.toml");
        std::fs::write(&file, &planted.text).expect("a file can be written");
        for (_, node) in plan.outline.iter() {
            let explained =
                up_config::explain(&ConfigFile::named(&file), &node.path).expect("it is there");
            let values = explained
                .settings
                .iter()
                .map(|setting| in_toml(&setting.value));
            let said = format!("{explained:?} {}", values.collect::<String>());
            let leak = leak(&planted.secrets, &said);
            assert_eq!(leak, None, "{}\n=>\n{said}", planted.text);
        }
    }
}
