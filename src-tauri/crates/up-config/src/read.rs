//! Reads the keys of one table into a type, and goes on after a mistake to find the next one.

use std::collections::HashSet;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use up_core::redact::looks_secret;
use up_source::Secret;

use crate::de::PartialTable;
use crate::diagnostics::Diagnostics;
use crate::key_error::{KeyError, KeyErrorKind};
use crate::suggest;

/// One table of the file.
#[derive(Clone, Debug)]
pub(crate) struct Table<'i> {
    pub(crate) keys: DeTable<'i>,
    /// Its header, or all of an inline table.
    pub(crate) span: Range<usize>,
}

/// What a table is, for what is said of it.
pub(crate) struct TableContext<'a> {
    /// `in a source of type "http"`, `at the top of the file`.
    pub(crate) place: &'a str,
    /// Keys it may have beside those that its type tells serde.
    pub(crate) also: &'a [&'a str],
    /// Where a key that is unknown here belongs, if that is known.
    pub(crate) elsewhere: &'a dyn Fn(&str) -> Option<String>,
}

impl<'i> Table<'i> {
    pub(crate) fn new(keys: DeTable<'i>, span: Range<usize>) -> Self {
        Self { keys, span }
    }

    /// Takes the keys of those names out into a table of their own.
    pub(crate) fn take(&mut self, names: &[&str]) -> Self {
        let mut taken = DeTable::new();
        for name in names {
            if let Some((key, value)) = self.keys.remove_entry(*name) {
                taken.insert(key, value);
            }
        }
        Self::new(taken, self.span.clone())
    }

    /// The bytes of the value of a key, `a.b` for one within a table; of the table's header when
    /// there is no such key.
    pub(crate) fn at(&self, key: &str) -> Range<usize> {
        self.value(key)
            .map_or_else(|| self.span.clone(), Spanned::span)
    }

    /// The value of a key; of the innermost table on the way to it, when there is no such key.
    fn value(&self, key: &str) -> Option<&Spanned<DeValue<'i>>> {
        let mut names = key.split('.');
        let mut value = self.keys.get(names.next()?)?;
        for name in names {
            let inner = value.get_ref().as_table();
            let Some(inner) = inner.and_then(|keys| keys.get(name)) else {
                break;
            };
            value = inner;
        }
        Some(value)
    }

    /// The bytes of the item of that number in an array; of the key's value when there is none.
    pub(crate) fn item(&self, key: &str, number: usize) -> Range<usize> {
        let items = self.value(key).and_then(|value| value.get_ref().as_array());
        let item = items.and_then(|items| items.get(number));
        item.map_or_else(|| self.at(key), Spanned::span)
    }

    /// Where the first of these secrets stands among the values of keys that look secret.
    pub(crate) fn secret(&self, secrets: &[Secret]) -> Option<usize> {
        let secrets: HashSet<&str> = secrets.iter().map(Secret::reveal).collect();
        find_secret(&self.keys, &secrets)
    }

    /// Reads all keys with `read`. `None` when anything is wrong; it has been reported then.
    pub(crate) fn read<T>(
        &self,
        report: &mut Diagnostics<'_>,
        about: &TableContext<'_>,
        read: impl Fn(PartialTable<'_, 'i>) -> Result<T, KeyError>,
    ) -> Option<T> {
        let (read, whole) = self.attempt(report, about, read)?;
        whole.then_some(read)
    }

    /// The same for a type that can do without any of its keys: what is wrong is left out, so that
    /// the rest can be checked further.
    pub(crate) fn read_what_can_be<T: Default + Deserialize<'i>>(
        &self,
        report: &mut Diagnostics<'_>,
        about: &TableContext<'_>,
    ) -> T {
        let read = self.attempt(report, about, |keys| T::deserialize(keys));
        read.map_or_else(T::default, |(read, _)| read)
    }

    /// What could be read, and whether it is all of it.
    fn attempt<T>(
        &self,
        report: &mut Diagnostics<'_>,
        about: &TableContext<'_>,
        read: impl Fn(PartialTable<'_, 'i>) -> Result<T, KeyError>,
    ) -> Option<(T, bool)> {
        // Leave out what is wrong and try again: each mistake is told once, and what it hides too.
        let mut skip = Vec::new();
        let mut skipped = Vec::new();
        loop {
            let keys = PartialTable {
                keys: &self.keys,
                skip: &skip,
            };
            let fault = match read(keys) {
                Ok(read) => return Some((read, skip.is_empty())),
                Err(fault) => fault,
            };
            let known_to_be_wrong = matches!(&fault.kind, KeyErrorKind::MissingKey(key) if skipped.iter().any(|name| name == key));
            if !known_to_be_wrong {
                self.report(report, about, &fault);
            }
            let (name, at) = fault.keys.into_iter().next()?;
            if report.is_full() || skip.contains(&at) {
                return None;
            }
            skip.push(at);
            skipped.push(name);
        }
    }

    fn report(&self, report: &mut Diagnostics<'_>, about: &TableContext<'_>, fault: &KeyError) {
        let span = fault.span.clone().unwrap_or_else(|| self.span.clone());
        if let Some((message, help)) = fault.of_value() {
            report.error(span, message, help);
            return;
        }
        let within = |inner: Option<&(String, usize)>| match inner {
            Some((table, _)) => format!("in `{table}`"),
            None => about.place.to_owned(),
        };
        match &fault.kind {
            KeyErrorKind::MissingKey(key) => {
                let place = within(fault.keys.first());
                let message = format!("there is no `{key}` {place}");
                report.error(span, message, Some(format!("add {key} = …")));
            }
            KeyErrorKind::UnknownKey(key, known) => {
                let table = fault.keys.get(1);
                let message = format!("unknown key `{key}` {}", within(table));
                let mut known = known.to_vec();
                if table.is_none() {
                    known.extend(about.also);
                }
                let elsewhere = || table.is_none().then(|| (about.elsewhere)(key)).flatten();
                let help = match suggest::nearest(key, &known) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None if known.is_empty() => "it has no keys: take this one out".into(),
                    None => elsewhere().unwrap_or_else(|| {
                        format!("the keys are {}", suggest::list(&known, "and"))
                    }),
                };
                report.error(span, message, Some(help));
            }
            _ => {}
        }
    }
}

/// The tables of a `[[key]]`; reports a value that holds anything else.
pub(crate) fn tables<'t>(
    report: &mut Diagnostics<'_>,
    key: &str,
    value: Option<Spanned<DeValue<'t>>>,
) -> Option<Vec<Table<'t>>> {
    let value = value?;
    let span = value.span();
    let help = || {
        Some(format!(
            "begin each with a line [[{key}]], above all that belongs to it"
        ))
    };
    match value.into_inner() {
        DeValue::Array(items) => {
            let mut tables = Vec::with_capacity(items.len());
            for item in items {
                let span = item.span();
                if let DeValue::Table(keys) = item.into_inner() {
                    tables.push(Table::new(keys, span));
                } else {
                    let message = format!("each `{key}` must be a table");
                    report.error(span, message, help());
                }
            }
            Some(tables)
        }
        DeValue::Table(_) => {
            let message = format!("`{key}` must stand in double brackets: there may be several");
            report.error(span, message, help());
            None
        }
        _ => {
            report.error(span, format!("`{key}` must be a table"), help());
            None
        }
    }
}

fn find_secret(keys: &DeTable<'_>, secrets: &HashSet<&str>) -> Option<usize> {
    keys.iter().find_map(|(key, value)| match value.get_ref() {
        DeValue::String(text) if secrets.contains(&**text) && looks_secret(key.get_ref()) => {
            Some(value.span().start)
        }
        DeValue::Table(inner) => find_secret(inner, secrets),
        _ => None,
    })
}
