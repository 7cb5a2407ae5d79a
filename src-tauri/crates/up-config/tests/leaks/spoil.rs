//! Mistakes as people make them, and some that nobody makes.

use crate::random::SplitMix64;

/// The text with a few mistakes in it.
pub(crate) fn some(random: &mut SplitMix64, text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..=random.below(4) {
        text = one(random, &text);
    }
    text
}

fn one(random: &mut SplitMix64, text: &str) -> String {
    match random.below(12) {
        0..=2 => characters(random, text),
        3 => quote(random, text),
        4 | 5 => key(random, text),
        6 | 7 => value(random, text),
        8 => header(random, text),
        9 => lines(random, text),
        10 => url(random, text),
        _ => assignment(random, text),
    }
}

/// A few characters taken out, put in or replaced.
fn characters(random: &mut SplitMix64, text: &str) -> String {
    const SIGNS: [&str; 20] = [
        "", "", "", "\"", "'", "\"\"\"", "'''", "=", "[", "]", "{", "}", "#", ",", ".", "\n", "\\",
        ":", " ", "x",
    ];
    let start = text.floor_char_boundary(random.below(text.len() + 1));
    let longest = [1, 4, 4, 30][random.below(4)];
    let length = random.below(longest);
    let end = text.ceil_char_boundary((start + length).min(text.len()));
    let mut text = text.to_owned();
    text.replace_range(start..end, random.one_of(&SIGNS));
    text
}

/// One of the places where `what` stands.
fn place(random: &mut SplitMix64, text: &str, what: &str) -> Option<usize> {
    let all: Vec<usize> = text.match_indices(what).map(|(at, _)| at).collect();
    (!all.is_empty()).then(|| all[random.below(all.len())])
}

fn quote(random: &mut SplitMix64, text: &str) -> String {
    let with = *["", "'", "\"\"\"", "\\\""]
        .get(random.below(4))
        .unwrap_or(&"");
    replaced(random, text, "\"", with)
}

fn replaced(random: &mut SplitMix64, text: &str, what: &str, with: &str) -> String {
    let mut text = text.to_owned();
    if let Some(at) = place(random, &text, what) {
        text.replace_range(at..at + what.len(), with);
    }
    text
}

/// A key misspelt, or put under another name.
fn key(random: &mut SplitMix64, text: &str) -> String {
    const OTHER: [&str; 24] = [
        "pasword",
        "passwrod",
        "pw",
        "passphrase",
        "api_key",
        "apikey",
        "tokn",
        "secert",
        "credentials",
        "environment",
        "header",
        "hdrs",
        "http_headers",
        "variables",
        "url",
        "uri",
        "dsn",
        "login",
        "auth",
        "Cookie",
        "x",
        "\"pass word\"",
        "source",
        "database",
    ];
    changed_line(random, text, |random, line| {
        let end = line.find(" =")?;
        let start = line[..end].rfind([' ', '{', ',']).map_or(0, |at| at + 1);
        let name = &line[start..end];
        let with = if random.below(2) == 0 {
            random.one_of(&OTHER).to_owned()
        } else {
            slip(random, name)
        };
        Some(format!("{}{with}{}", &line[..start], &line[end..]))
    })
}

/// A slip of the pen.
fn slip(random: &mut SplitMix64, word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    if letters.len() < 2 {
        return word.to_owned();
    }
    let at = random.below(letters.len() - 1);
    match random.below(4) {
        0 => letters.swap(at, at + 1),
        1 => letters.insert(at, letters[at]),
        2 => letters[at] = letters[at].to_ascii_uppercase(),
        _ => {
            letters.remove(at);
        }
    }
    letters.into_iter().collect()
}

/// A value of another type, or without its quotes.
fn value(random: &mut SplitMix64, text: &str) -> String {
    changed_line(random, text, |random, line| {
        let at = line.find("= ")? + 2;
        let (key, value) = line.split_at(at);
        let bare = value.replace('"', "");
        Some(match random.below(9) {
            0 => format!("{key}[{value}]"),
            1 => format!("{key}{{ value = {value} }}"),
            2 => format!("{key}{bare}"),
            3 => format!("{key}[[{value}], 1]"),
            4 => format!("{key}\n{value}"),
            5 => format!("{key}[\n  {value}\n"),
            6 => format!("{key}\"{value}\""),
            7 => format!("{key}{value} {value}"),
            _ => format!("{key}{{ environment = {value} }}"),
        })
    })
}

fn assignment(random: &mut SplitMix64, text: &str) -> String {
    let with = *[": ", " ", "=", " == ", " -> ", "\n", " = = "]
        .get(random.below(7))
        .unwrap_or(&"");
    replaced(random, text, " = ", with)
}

fn header(random: &mut SplitMix64, text: &str) -> String {
    changed_line(random, text, |random, line| {
        if !line.starts_with('[') {
            return None;
        }
        Some(match random.below(7) {
            0 => line.replacen("[[", "[", 1).replacen("]]", "]", 1),
            1 => line.replace(']', ""),
            2 => String::new(),
            3 => line.replace("source", "sources"),
            4 => line.replace("headers", "heads").replace("env", "evn"),
            5 => format!("{line} {line}"),
            _ => slip(random, line),
        })
    })
}

fn lines(random: &mut SplitMix64, text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    if lines.is_empty() {
        return String::new();
    }
    let from = random.below(lines.len());
    let line = lines.remove(from);
    match random.below(4) {
        0 => {}
        1 => lines.extend([line, line]),
        2 if from > 0 => {
            let joined = format!("{} {line}", lines[from - 1]);
            lines[from - 1] = &joined;
            return lines.join("\n");
        }
        _ => lines.insert(random.below(lines.len() + 1), line),
    }
    lines.join("\n")
}

fn url(random: &mut SplitMix64, text: &str) -> String {
    let with = *[":/", "//", ":", "", ":///", "s://", " ://"]
        .get(random.below(7))
        .unwrap_or(&"");
    match random.below(3) {
        0 => replaced(random, text, "https", "htps"),
        1 => replaced(random, text, "@", with),
        _ => replaced(random, text, "://", with),
    }
}

/// The text with one line as `change` makes it of one that it can change.
fn changed_line(
    random: &mut SplitMix64,
    text: &str,
    change: impl Fn(&mut SplitMix64, &str) -> Option<String>,
) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..20 {
        let number = random.below(lines.len());
        let changed = lines.get(number).and_then(|line| change(random, line));
        if let Some(changed) = changed {
            lines[number] = changed;
            break;
        }
    }
    lines.join("\n")
}
