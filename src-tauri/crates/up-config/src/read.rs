//! Reads the keys of one table into a type, and goes on after a mistake to find the next one.

use std::ops::Range;

use serde::de::IntoDeserializer;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Error, ValueDeserializer};

use up_source::Secret;

use crate::rephrase::{Complaint, rephrase};
use crate::report::Report;
use crate::secrets::looks_secret;
use crate::suggest;

/// One table of the file.
#[derive(Clone, Debug)]
pub(crate) struct Table<'i> {
    pub(crate) keys: DeTable<'i>,
    /// Its header, or all of an inline table.
    pub(crate) span: Range<usize>,
}

/// What a table is, for what is said of it.
pub(crate) struct About<'a> {
    /// `a source of type "http"`, `the top of the file`.
    pub(crate) what: &'a str,
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
        let mut keys = &self.keys;
        let mut span = self.span.clone();
        for name in key.split('.') {
            let Some(value) = keys.get(name) else { break };
            span = value.span();
            match value.get_ref() {
                DeValue::Table(inner) => keys = inner,
                _ => break,
            }
        }
        span
    }

    /// The bytes of the item of that number in an array; of the key's value when there is none.
    pub(crate) fn item(&self, key: &str, number: usize) -> Range<usize> {
        let mut value = None;
        for name in key.split('.') {
            let keys = match value.map(Spanned::<DeValue<'_>>::get_ref) {
                None => &self.keys,
                Some(DeValue::Table(inner)) => inner,
                Some(_) => break,
            };
            value = keys.get(name);
        }
        let items = value.and_then(|value| value.get_ref().as_array());
        let item = items.and_then(|items| items.get(number));
        item.map_or_else(|| self.at(key), Spanned::span)
    }

    /// Where a secret stands among the values of keys that look secret.
    pub(crate) fn secret(&self, secret: &Secret) -> Option<usize> {
        find_secret(&self.keys, secret)
    }

    /// Reads all keys with `read`. `None` when anything is wrong; it has been reported then.
    pub(crate) fn read<T>(
        &self,
        report: &mut Report<'_>,
        about: &About<'_>,
        read: impl Fn(ValueDeserializer<'i>) -> Result<T, Error>,
    ) -> Option<T> {
        let attempt = |keys: DeTable<'i>| {
            read(Spanned::new(self.span.clone(), DeValue::Table(keys)).into_deserializer())
        };
        let mut error = match attempt(self.keys.clone()) {
            Ok(read) => return Some(read),
            Err(error) => error,
        };
        // Take out what is wrong and try again: each mistake is told once, and what it hides too.
        let mut keys = self.keys.clone();
        let mut removed: Vec<String> = Vec::new();
        while !report.is_full() {
            let span = error.span().unwrap_or_else(|| self.span.clone());
            let path = find(&keys, &span);
            tell(report, about, &error, &span, path.last(), &removed);
            let Some(name) = path.last().cloned() else {
                break;
            };
            remove(&mut keys, &path);
            removed.push(name);
            match attempt(keys.clone()) {
                Ok(_) => break,
                Err(next) => error = next,
            }
        }
        None
    }
}

fn tell(
    report: &mut Report<'_>,
    about: &About<'_>,
    error: &Error,
    span: &Range<usize>,
    key: Option<&String>,
    removed: &[String],
) {
    match rephrase(key.map(String::as_str), error.message()) {
        Complaint::Missing(key) if removed.iter().any(|name| name == key) => {}
        Complaint::Missing(key) => report.error(
            span.clone(),
            format!("{} needs a `{key}`", about.what),
            Some(format!("add {key} = …")),
        ),
        Complaint::Unknown(key, mut known) => {
            known.extend(about.also);
            let help = match suggest::nearest(key, &known) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => (about.elsewhere)(key).unwrap_or_else(|| {
                    if known.is_empty() {
                        "it has no keys".into()
                    } else {
                        format!("it may have {}", suggest::list(&known, "and"))
                    }
                }),
            };
            report.error(
                span.clone(),
                format!("unknown key `{key}` in {}", about.what),
                Some(help),
            );
        }
        Complaint::Other(message, help) => report.error(span.clone(), message, help),
    }
}

/// The names that lead to the innermost key to which `span` belongs.
fn find(keys: &DeTable<'_>, span: &Range<usize>) -> Vec<String> {
    for (key, value) in keys {
        let within = |outer: Range<usize>| outer.start <= span.start && span.end <= outer.end;
        let mut path = vec![key.get_ref().to_string()];
        if let DeValue::Table(inner) = value.get_ref() {
            let below = find(inner, span);
            if !below.is_empty() {
                path.extend(below);
                return path;
            }
        }
        if within(key.span()) || within(value.span()) {
            return path;
        }
    }
    Vec::new()
}

fn remove(keys: &mut DeTable<'_>, path: &[String]) {
    match path {
        [] => {}
        [name] => {
            keys.remove(name.as_str());
        }
        [name, rest @ ..] => {
            if let Some(DeValue::Table(inner)) = keys.get_mut(name.as_str()).map(Spanned::get_mut) {
                remove(inner, rest);
            }
        }
    }
}

fn find_secret(keys: &DeTable<'_>, secret: &Secret) -> Option<usize> {
    keys.iter().find_map(|(key, value)| match value.get_ref() {
        DeValue::String(text) if text == secret.reveal() && looks_secret(key.get_ref()) => {
            Some(value.span().start)
        }
        DeValue::Table(inner) => find_secret(inner, secret),
        _ => None,
    })
}
