//! The entry point for libFuzzer. `UP_FUZZ_TARGET` names the target. Its seeds are written to the
//! folder `UP_FUZZ_SEEDS`, and its dictionary beside that folder. Without a name, all names are
//! printed.

#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use up_fuzz::{FuzzTarget, bounds};

static TARGET: LazyLock<&FuzzTarget> = LazyLock::new(|| {
    let name = std::env::var("UP_FUZZ_TARGET").unwrap_or_default();
    if name.is_empty() {
        up_fuzz::all().for_each(|target| println!("{}", target.name));
        std::process::exit(0);
    }
    up_fuzz::find(&name).unwrap_or_else(|| {
        eprintln!("there is no target `{name}`");
        std::process::exit(2);
    })
});

fn prepare() {
    bounds::lift_on_panic();
    (TARGET.run)(&[]);
    let inputs = TARGET.inputs(TARGET.largest);
    if let Some(folder) = std::env::var_os("UP_FUZZ_SEEDS") {
        for (number, seed) in (TARGET.seeds)().iter().enumerate() {
            let file = Path::new(&folder).join(format!("seed-{number}"));
            std::fs::write(file, seed).expect("a seed can be written");
        }
        // libFuzzer rejects an empty dictionary.
        let mut words = vec![format!("# {}", TARGET.name)];
        words.extend(TARGET.words.iter().map(|word| quoted(word)));
        let file = Path::new(&folder).with_extension("words");
        std::fs::write(file, words.join("\n")).expect("words can be written");
    }
    // The inputs of libFuzzer are short, so that long ones are tried here once.
    for input in &inputs {
        bounds::run(&TARGET, input);
    }
}

/// A line of libFuzzer's dictionary.
fn quoted(word: &str) -> String {
    let bytes = word.bytes().map(|byte| format!("\\x{byte:02x}"));
    format!("\"{}\"", bytes.collect::<String>())
}

fuzz_target!(init: prepare(), |input: &[u8]| {
    bounds::run(&TARGET, input);
});
