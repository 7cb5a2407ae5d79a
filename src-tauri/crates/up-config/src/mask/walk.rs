//! Walks through the tokens of a file and finds the bytes that may be secret. From the first place
//! where the file does not follow the grammar of TOML, everything is hidden: a string without its
//! closing quote may extend over several lines.

use std::ops::Range;

use toml_parser::Source;
use toml_parser::lexer::{Token, TokenKind};

use super::known::{KeyPosition, KnownKeys};
use super::proof::{Hidden, of_bare, of_comment, of_key, of_string};

/// The bytes of `text` that must not be shown, in order and without overlaps.
pub(super) fn hidden(known: &KnownKeys, text: &str) -> Vec<Range<usize>> {
    let mut walk = Walk {
        known,
        text,
        hidden: Vec::new(),
        table: KeyPosition::TOP,
        key: KeyPosition::TOP,
        kinds: Vec::new(),
        open: Vec::new(),
        expects: Expects::Line,
        pending: Vec::new(),
        value: None,
        line_hides: false,
    };
    let mut bare: Option<Range<usize>> = None;
    for token in Source::new(text).lex() {
        let span = token.span().start()..token.span().end();
        // A number with a point consists of several tokens.
        let is_part = matches!(token.kind(), TokenKind::Atom | TokenKind::Dot);
        if is_part && walk.expects == Expects::Value {
            match &mut bare {
                Some(bare) => bare.end = span.end,
                None => bare = Some(span),
            }
            continue;
        }
        if let Some(bare) = bare.take() {
            walk.bare(bare);
        }
        walk.token(&token, span);
        if walk.expects == Expects::Lost {
            break;
        }
    }
    walk.hidden
}

/// What the grammar allows next.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Expects {
    /// A key, a header or an empty line.
    Line,
    /// A key in a header with this number of brackets.
    Header(usize),
    /// A dot, or the closing brackets.
    HeaderEnd(usize),
    /// A key, or the end of an inline table.
    Key,
    /// A dot or an equals sign.
    Equals,
    Value,
    /// A comma or a closing bracket; the end of the line if no bracket is open.
    End,
    /// Unknown, because the file does not follow the grammar.
    Lost,
}

/// An open bracket or brace, and its place in the schema.
#[derive(Clone, Copy)]
enum OpenBracket {
    Array(KeyPosition),
    Table(KeyPosition),
}

/// The value of `type` in the lines between a header and the next one.
fn kind_below(text: &str) -> &str {
    let lines = text.lines().skip(1).map(str::trim);
    let own = lines.take_while(|line| !line.starts_with('['));
    let mut values = own.filter_map(|line| {
        let value = line.strip_prefix("type")?.trim_start();
        value.strip_prefix('=')
    });
    let value = values.next().unwrap_or_default();
    value.split(['"', '\'']).nth(1).unwrap_or_default()
}

struct Walk<'a> {
    known: &'a KnownKeys,
    text: &'a str,
    hidden: Vec<Range<usize>>,
    /// The place that the last header leads to.
    table: KeyPosition,
    /// The place that the keys after it lead to.
    key: KeyPosition,
    /// The places of the last source and of the trees around it, by their types.
    kinds: Vec<KeyPosition>,
    open: Vec<OpenBracket>,
    expects: Expects,
    /// Names, with their places, that are keys if an equals sign or a closing bracket follows.
    pending: Vec<(Range<usize>, KeyPosition)>,
    /// The byte at which the last value on this line begins.
    value: Option<usize>,
    /// True if something on this line is hidden, so that its comment is hidden too.
    line_hides: bool,
}

impl Walk<'_> {
    fn token(&mut self, token: &Token, span: Range<usize>) {
        match token.kind() {
            TokenKind::Whitespace => return,
            TokenKind::Newline => return self.newline(&span),
            TokenKind::Comment => return self.comment(span),
            _ => {}
        }
        match (self.expects, token.kind()) {
            (Expects::Line, TokenKind::LeftSquareBracket) => {
                let is_double = self.text[span.end..].starts_with('[');
                self.table = KeyPosition::TOP;
                self.key = KeyPosition::TOP;
                self.expects = Expects::Header(if is_double { 2 } else { 1 });
            }
            (Expects::Header(2), TokenKind::LeftSquareBracket) if self.pending.is_empty() => {}
            (Expects::Header(brackets), _) if self.name(token, &span) => {
                self.expects = Expects::HeaderEnd(brackets);
            }
            (Expects::HeaderEnd(brackets), TokenKind::Dot) => {
                self.expects = Expects::Header(brackets);
            }
            (Expects::HeaderEnd(brackets), TokenKind::RightSquareBracket) => {
                let depth = self.pending.len();
                self.confirm();
                if KnownKeys::is_of_kinds(self.key) && depth > 0 {
                    self.key = self
                        .known
                        .of_kind(self.key, kind_below(&self.text[span.end..]));
                    self.kinds.truncate(depth - 1);
                    self.kinds.push(self.key);
                }
                self.table = self.key;
                match brackets {
                    2 if self.text[span.end..].starts_with(']') => {
                        self.expects = Expects::HeaderEnd(1);
                    }
                    2 => self.lose(span.end),
                    _ => self.expects = Expects::End,
                }
            }
            (Expects::Line | Expects::Key, _) if self.name(token, &span) => {
                self.expects = Expects::Equals;
            }
            (Expects::Key, TokenKind::RightCurlyBracket) => self.close(),
            (Expects::Equals, TokenKind::Dot) => self.expects = Expects::Key,
            (Expects::Equals, TokenKind::Equals) => {
                self.confirm();
                self.expects = Expects::Value;
            }
            (Expects::Value, _) => self.value(token, span),
            (Expects::End, TokenKind::Comma) if !self.open.is_empty() => {
                self.expects = match self.open.last() {
                    Some(OpenBracket::Table(table)) => {
                        self.key = *table;
                        Expects::Key
                    }
                    _ => Expects::Value,
                };
            }
            (Expects::End, TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket) => {
                match (self.open.last(), token.kind()) {
                    (Some(OpenBracket::Array(_)), TokenKind::RightSquareBracket)
                    | (Some(OpenBracket::Table(_)), TokenKind::RightCurlyBracket) => self.close(),
                    _ => self.lose(span.start),
                }
            }
            (_, TokenKind::Eof) => {
                if !self.pending.is_empty() {
                    self.lose(span.start);
                }
            }
            _ => self.lose(span.start),
        }
    }

    fn newline(&mut self, span: &Range<usize>) {
        self.line_hides = false;
        self.value = None;
        match self.expects {
            Expects::End if self.open.is_empty() => {
                self.key = self.table;
                self.expects = Expects::Line;
            }
            Expects::Line => {}
            // Inside brackets, a line may end anywhere but within a key.
            Expects::Value | Expects::End | Expects::Key
                if !self.open.is_empty() && self.pending.is_empty() => {}
            _ => {
                self.lose(span.start);
            }
        }
    }

    fn comment(&mut self, span: Range<usize>) {
        let text = self.text[span.clone()].trim_start_matches('#');
        let text = span.end - text.len()..span.end;
        let before = self.text[..span.start].chars().next_back();
        let stands_apart = before.is_none_or(char::is_whitespace);
        let near = matches!(self.key, KeyPosition::Odd { near: true });
        let quiet = !self.line_hides && stands_apart && !near && self.pending.is_empty();
        if !quiet || of_comment(&self.text[text.clone()]) != Hidden::Nothing {
            self.hide(text);
        }
    }

    /// Reads a key or a part of one. Returns false if the token cannot be one.
    fn name(&mut self, token: &Token, span: &Range<usize>) -> bool {
        let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let inner = match token.kind() {
            TokenKind::Atom if self.text[span.clone()].chars().all(bare) => span.clone(),
            TokenKind::BasicString | TokenKind::LiteralString => match self.inner(span) {
                Some(inner) => inner,
                None => return false,
            },
            _ => return false,
        };
        if matches!(self.expects, Expects::Header(_))
            && KnownKeys::is_of_kinds(self.key)
            && let Some(kind) = self.kinds.get(self.pending.len().saturating_sub(1))
        {
            // The sources in a tree, by the type of the tree.
            self.key = *kind;
        }
        let spot = self.spot();
        self.key = self.known.within(spot, &self.text[inner.clone()]);
        self.pending.push((inner, spot));
        true
    }

    /// The place of the next key.
    fn spot(&self) -> KeyPosition {
        if self.expects == Expects::Line {
            self.table
        } else {
            self.key
        }
    }

    /// Confirms that the pending names are keys.
    fn confirm(&mut self) {
        for (span, spot) in std::mem::take(&mut self.pending) {
            if of_key(self.known, spot, &self.text[span.clone()], true) != Hidden::Nothing {
                self.hide(span);
            }
        }
    }

    fn value(&mut self, token: &Token, span: Range<usize>) {
        self.value = Some(span.start);
        match token.kind() {
            TokenKind::BasicString | TokenKind::LiteralString => {
                let Some(inner) = self.inner(&span) else {
                    return self.lose(span.start);
                };
                self.expects = Expects::End;
                let text = &self.text[inner.clone()];
                match of_string(self.known, self.key, text) {
                    Hidden::Nothing => {}
                    Hidden::All => self.hide(inner),
                    Hidden::Parts(parts) => {
                        for part in parts {
                            self.hide(inner.start + part.start..inner.start + part.end);
                        }
                    }
                }
            }
            TokenKind::MlBasicString | TokenKind::MlLiteralString => {
                let inner = span.start + 3..span.end.saturating_sub(3).max(span.start + 3);
                let closed = span.len() >= 6 && {
                    let quotes = &self.text[span.start..span.start + 3];
                    self.text[..span.end].ends_with(quotes)
                };
                if !closed {
                    return self.lose(span.start);
                }
                self.expects = Expects::End;
                self.hide(inner);
            }
            TokenKind::LeftSquareBracket => self.open.push(OpenBracket::Array(self.key)),
            TokenKind::RightSquareBracket
                if matches!(self.open.last(), Some(OpenBracket::Array(_))) =>
            {
                self.close();
            }
            TokenKind::LeftCurlyBracket => {
                self.open.push(OpenBracket::Table(self.key));
                self.expects = Expects::Key;
            }
            _ => self.lose(span.start),
        }
    }

    /// Reads a value without quotes.
    fn bare(&mut self, span: Range<usize>) {
        self.value = Some(span.start);
        self.expects = Expects::End;
        if of_bare(self.known, self.key, &self.text[span.clone()]) != Hidden::Nothing {
            self.hide(span);
        }
    }

    /// Closes the last open bracket.
    fn close(&mut self) {
        if let Some(OpenBracket::Array(spot) | OpenBracket::Table(spot)) = self.open.pop() {
            self.key = spot;
        }
        // The items of an array in an array belong to the same key.
        if let Some(OpenBracket::Array(spot)) = self.open.last() {
            self.key = *spot;
        }
        self.expects = Expects::End;
    }

    /// The bytes between the quotes of a string that is closed.
    fn inner(&self, span: &Range<usize>) -> Option<Range<usize>> {
        let text = &self.text[span.clone()];
        let quote = text.chars().next()?;
        (text.len() >= 2 && text.ends_with(quote)).then(|| span.start + 1..span.end - 1)
    }

    /// Hides everything from this byte to the end of the file, and also the value before it on its
    /// line and the pending names. In `key:` and `key "value"`, a known key is shown.
    fn lose(&mut self, at: usize) {
        let hidden = std::mem::take(&mut self.pending)
            .into_iter()
            .find(|(span, spot)| {
                of_key(self.known, *spot, &self.text[span.clone()], false) != Hidden::Nothing
            });
        let mut start = hidden.map_or(at, |(span, _)| span.start.min(at));
        // A value that is followed by more is incomplete: a quote may be in its middle.
        if self.expects == Expects::End {
            start = self.value.unwrap_or(start);
        }
        if matches!(self.expects, Expects::Line | Expects::Key) {
            let rest = &self.text[start..];
            let name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            let end = rest.find(|c| !name(c)).unwrap_or(rest.len());
            if rest[end..].starts_with(':') && self.known.has(self.spot(), &rest[..end]) {
                start += end + 1;
            }
        }
        let rest = &self.text[start..];
        start += rest.len() - rest.trim_start_matches([' ', '\t']).len();
        self.expects = Expects::Lost;
        while self.hidden.last().is_some_and(|last| last.start >= start) {
            self.hidden.pop();
        }
        self.hide(start..self.text.len());
    }

    fn hide(&mut self, span: Range<usize>) {
        self.line_hides = true;
        if let Some(last) = self.hidden.last_mut()
            && last.end >= span.start
        {
            last.end = last.end.max(span.end);
        } else if !span.is_empty() {
            self.hidden.push(span);
        }
    }
}
