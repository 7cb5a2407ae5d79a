//! What of a configuration may not be shown. Whatever cannot be proven harmless is hidden: the
//! proof is that the file follows TOML's grammar up to there, that the key is one the schema has at
//! that place, that its type never holds a secret, and that the value has the looks of it.

mod known;
mod message;
mod proof;
mod walk;
mod words;

use std::borrow::Cow;
use std::ops::Range;

pub(crate) use known::KnownKeys;
pub(crate) use message::Message;

/// What is hidden of one file.
#[derive(Debug)]
pub(crate) struct Mask {
    /// In order, and apart from each other.
    hidden: Vec<Range<usize>>,
}

impl Mask {
    /// That of a text, valid TOML or not.
    pub(crate) fn of(known: &KnownKeys, text: &str) -> Self {
        Self {
            hidden: walk::hidden(known, text),
        }
    }

    /// The hidden bytes of those of the text.
    pub(crate) fn within(&self, part: &Range<usize>) -> impl Iterator<Item = Range<usize>> {
        let first = self
            .hidden
            .partition_point(|hidden| hidden.end <= part.start);
        let part = part.clone();
        let hidden = self.hidden[first..].iter();
        hidden
            .take_while(move |hidden| hidden.start < part.end)
            .map(move |hidden| hidden.start.max(part.start)..hidden.end.min(part.end))
    }

    /// Hides in messages what is hidden in the text that they are about; `lines` has the bytes of
    /// the line that each is at. `also` are secrets that stand elsewhere.
    pub(crate) fn hide_in(
        &self,
        known: &KnownKeys,
        text: &str,
        messages: &mut [Message<'_>],
        also: &[&str],
    ) {
        let hidden = self.hidden.iter().map(|part| &text[part.clone()]);
        let each = hidden.clone().chain(also.iter().copied());
        let unescaped = hidden.filter_map(unescaped);
        message::hide_runs(known, messages, each.map(Cow::Borrowed).chain(unescaped));
        for message in messages {
            let line = message.line.clone();
            let words = self.within(&line).map(|part| &text[part]);
            message.hide_words(known, words);
        }
    }
}

/// What the escapes in a text stand for; `None` where there are none.
fn unescaped(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('\\') {
        return None;
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        let digits = match rest.next() {
            Some('n') => Err('\n'),
            Some('t') => Err('\t'),
            Some('r') => Err('\r'),
            Some('e') => Err('\u{1b}'),
            Some('x') => Ok(2),
            Some('u') => Ok(4),
            Some('U') => Ok(8),
            Some(other) => Err(other),
            None => break,
        };
        match digits {
            Err(c) => plain.push(c),
            Ok(digits) => {
                let code: String = rest.by_ref().take(digits).collect();
                plain.extend(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32));
            }
        }
    }
    Some(plain.into())
}
