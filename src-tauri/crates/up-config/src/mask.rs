//! Masks the parts of a configuration that must not be shown, because they may be secrets. A value
//! is shown only if it is proven harmless: the file follows the grammar of TOML up to the value,
//! the schema has the key at this place, the type of the key never holds a secret, and the value
//! looks like one of that type.

mod known;
mod message;
mod proof;
mod walk;
mod words;

use std::borrow::Cow;
use std::ops::Range;

pub(crate) use known::KnownKeys;
pub(crate) use message::Message;

/// The hidden parts of one file.
#[derive(Debug)]
pub(crate) struct Mask {
    /// The hidden bytes in order, without overlaps.
    hidden: Vec<Range<usize>>,
}

impl Mask {
    /// The mask of a text, valid TOML or not.
    pub(crate) fn of(known: &KnownKeys, text: &str) -> Self {
        Self {
            hidden: walk::hidden(known, text),
        }
    }

    /// The hidden bytes within a part of the text.
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

    /// Hides in messages what is hidden in the text that they are about. `also` are secrets that
    /// were read from elsewhere.
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

/// The text with its escapes replaced; `None` if it has none.
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
