//! Hides secrets in messages. Messages come from many places, from the types that read a value and
//! from other crates, so all of them are searched for the hidden texts of the file.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use up_core::redact::{HIDDEN, hide};

use super::known::KnownKeys;

/// The number of consecutive bytes from which on a text that a message shares with a hidden text is
/// not a coincidence.
const RUN: usize = 5;

/// A message, with the bytes of the line that it is about.
pub(crate) struct Message<'m> {
    pub(crate) text: &'m mut String,
    pub(crate) line: Range<usize>,
}

/// Hides the parts of the messages that are also in hidden texts, unless they are in the schema.
pub(super) fn hide_runs<'t>(
    known: &KnownKeys,
    messages: &mut [Message<'_>],
    hidden: impl Iterator<Item = Cow<'t, str>>,
) {
    // The positions of each run of bytes in the messages. A run is removed once it was found, so
    // that the search takes linear time.
    let mut runs: HashMap<[u8; RUN], Vec<(usize, usize)>> = HashMap::new();
    for (number, message) in messages.iter().enumerate() {
        for (at, run) in message.text.as_bytes().windows(RUN).enumerate() {
            if let Ok(run) = run.try_into() {
                runs.entry(run).or_default().push((number, at));
            }
        }
    }
    let mut shared: Vec<Vec<bool>> = messages.iter().map(|m| vec![false; m.text.len()]).collect();
    for text in hidden {
        for run in text.as_bytes().windows(RUN) {
            let run: Option<&[u8; RUN]> = run.try_into().ok();
            for (number, at) in run.and_then(|run| runs.remove(run)).unwrap_or_default() {
                shared[number][at..at + RUN].fill(true);
            }
        }
    }
    for (message, shared) in messages.iter_mut().zip(shared) {
        let mut at = 0;
        let mut parts = Vec::new();
        for same in shared.chunk_by(|a, b| a == b) {
            let run = at..at + same.len();
            at = run.end;
            let told = message.text.get(run.clone());
            if same[0] && !told.is_some_and(|told| known.says(told)) {
                parts.push(run);
            }
        }
        message.hide(&parts);
    }
}

impl Message<'_> {
    /// Hides each word that is equal to a hidden text, however short.
    pub(super) fn hide_words<'t>(
        &mut self,
        known: &KnownKeys,
        hidden: impl Iterator<Item = &'t str>,
    ) {
        let hidden: Vec<&str> = hidden
            .map(str::trim)
            .filter(|text| text.len() < 200)
            .collect();
        let mut parts = Vec::new();
        let is_hidden = |word: &str| {
            hidden.contains(&word)
                && !word.is_empty()
                && !known.has_anywhere(word)
                && !known.is_word(word)
        };
        for part in words(self.text) {
            if is_hidden(&self.text[part.clone()]) {
                parts.push(part);
            }
        }
        self.hide(&parts);
    }

    /// Hides these bytes, and the whole quotation or word around them.
    fn hide(&mut self, parts: &[Range<usize>]) {
        if parts.is_empty() {
            return;
        }
        let mut whole: Vec<Range<usize>> = Vec::new();
        for part in around(self.text, parts) {
            match whole.last_mut() {
                Some(last) if last.end >= part.start => last.end = last.end.max(part.end),
                _ => whole.push(part),
            }
        }
        *self.text = hide(self.text, &whole);
    }
}

/// The quotations in a text, without their quotes, and its words.
fn words(text: &str) -> Vec<Range<usize>> {
    let mut words = quoted(text);
    let is_part = |c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_' | '.' | '+');
    let mut at = 0;
    for piece in text.split_inclusive(is_part) {
        let word = piece.trim_end_matches(is_part).trim_end_matches('.');
        words.push(at..at + word.len());
        at += piece.len();
    }
    words.sort_by_key(|word| word.start);
    words
}

/// The insides of `"…"` and `` `…` ``.
fn quoted(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open: Option<(char, usize)> = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if std::mem::take(&mut escaped) {
            continue;
        }
        match open {
            Some(('"', _)) if c == '\\' => escaped = true,
            Some((quote, start)) if c == quote => {
                found.push(start..at);
                open = None;
            }
            None if c == '"' || c == '`' => open = Some((c, at + c.len_utf8())),
            _ => {}
        }
    }
    if let Some((_, start)) = open {
        found.push(start..text.len());
    }
    found
}

/// Each part, widened to the quotation or to the word around it.
fn around(text: &str, parts: &[Range<usize>]) -> Vec<Range<usize>> {
    let quoted = quoted(text);
    let widen = |part: &Range<usize>| {
        let overlaps = |quote: &&Range<usize>| quote.start < part.end && part.start < quote.end;
        let part = text.floor_char_boundary(part.start)..text.ceil_char_boundary(part.end);
        let inside = quoted.iter().filter(overlaps);
        let (start, end) = inside.fold((part.start, part.end), |(start, end), quote| {
            (start.min(quote.start), end.max(quote.end))
        });
        if start < part.start || end > part.end || quoted.contains(&part) {
            return start..end;
        }
        let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '`' | '(' | ')');
        let start = text[..start].rfind(ends).map_or(0, |at| {
            at + text[at..].chars().next().map_or(0, char::len_utf8)
        });
        let end = end + text[end..].find(ends).unwrap_or(text.len() - end);
        let shown = text[start..end].trim_end_matches([',', ':', ';', '.']);
        start..(start + shown.len()).max(part.end)
    };
    let mut whole: Vec<_> = parts.iter().map(widen).collect();
    whole.sort_by_key(|part| part.start);
    // Parts that are already hidden are left alone.
    whole.retain(|part| &text[part.clone()] != HIDDEN);
    whole
}
