//! Deserializes the keys of one table, and goes on after a mistake to find the next one.

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

/// One table in the file.
#[derive(Clone, Debug)]
pub(crate) struct Table<'i> {
    pub(crate) keys: DeTable<'i>,
    /// The bytes of its header, or of the whole inline table.
    pub(crate) span: Range<usize>,
}

/// What the messages about a table need to know.
pub(crate) struct TableContext<'a> {
    /// Where the table is: `in a source of type "http"`, `at the top of the file`.
    pub(crate) place: &'a str,
    /// The keys that the table may have in addition to those of its type.
    pub(crate) also: &'a [&'a str],
    /// Help that says where a key belongs that is unknown in this table.
    pub(crate) elsewhere: &'a dyn Fn(&str) -> Option<String>,
}

impl<'i> Table<'i> {
    pub(crate) fn new(keys: DeTable<'i>, span: Range<usize>) -> Self {
        Self { keys, span }
    }

    /// Moves the keys with these names into another table.
    pub(crate) fn take(&mut self, names: &[&str]) -> Self {
        let mut taken = DeTable::new();
        for name in names {
            if let Some((key, value)) = self.keys.remove_entry(*name) {
                taken.insert(key, value);
            }
        }
        Self::new(taken, self.span.clone())
    }

    /// The bytes of the value of a key (`a.b` for a key in a table), or of the table's header if
    /// there is no such key.
    pub(crate) fn at(&self, key: &str) -> Range<usize> {
        self.value(key)
            .map_or_else(|| self.span.clone(), Spanned::span)
    }

    /// The value of a key, or the innermost table on the way to it if there is no such key.
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

    /// The bytes of the item with this number in an array, or of the value of the key if there is
    /// no such item.
    pub(crate) fn item(&self, key: &str, number: usize) -> Range<usize> {
        let items = self.value(key).and_then(|value| value.get_ref().as_array());
        let item = items.and_then(|items| items.get(number));
        item.map_or_else(|| self.at(key), Spanned::span)
    }

    /// The position of the first of these secrets among the values of keys that look secret.
    pub(crate) fn secret(&self, secrets: &[Secret]) -> Option<usize> {
        let secrets: HashSet<&str> = secrets.iter().map(Secret::reveal).collect();
        find_secret(&self.keys, &secrets)
    }

    /// Reads all keys with `read`. Returns `None` after a mistake, which was reported then.
    pub(crate) fn read<T>(
        &self,
        report: &mut Diagnostics<'_>,
        about: &TableContext<'_>,
        read: impl Fn(PartialTable<'_, 'i>) -> Result<T, KeyError>,
    ) -> Option<T> {
        let (read, whole) = self.attempt(report, about, read)?;
        whole.then_some(read)
    }

    /// Like `read`, for a type without required keys: wrong keys are reported and left out, so that
    /// the rest can be checked further.
    pub(crate) fn read_what_can_be<T: Default + Deserialize<'i>>(
        &self,
        report: &mut Diagnostics<'_>,
        about: &TableContext<'_>,
    ) -> T {
        let read = self.attempt(report, about, |keys| T::deserialize(keys));
        read.map_or_else(T::default, |(read, _)| read)
    }

    /// Returns the keys that could be read, and whether these are all.
    fn attempt<T>(
        &self,
        report: &mut Diagnostics<'_>,
        about: &TableContext<'_>,
        read: impl Fn(PartialTable<'_, 'i>) -> Result<T, KeyError>,
    ) -> Option<(T, bool)> {
        // A wrong key is left out for the next attempt, so that each mistake is reported once, and
        // so is one that another mistake hides.
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
                    None if known.is_empty() => "this table has no keys: remove this one".into(),
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

/// The tables of a `[[key]]`. A value that contains anything else is reported.
pub(crate) fn tables<'t>(
    report: &mut Diagnostics<'_>,
    key: &str,
    value: Option<Spanned<DeValue<'t>>>,
) -> Option<Vec<Table<'t>>> {
    let value = value?;
    let span = value.span();
    let help = || {
        Some(format!(
            "begin each with a line [[{key}]], followed by its keys"
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
            let message =
                format!("`{key}` must be written in double brackets, because there may be several");
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
