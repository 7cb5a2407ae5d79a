//! The known keys of up.toml: for each, whether its values are harmless to show.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use up_core::redact::looks_secret;
use up_source::SecretRef;

use super::words::is_near_secret;

type Object = Map<String, Value>;

/// Keys whose values may contain secrets although their type does not say so: arguments, and texts
/// to send.
const FREE_TEXT: [&str; 4] = ["body", "command", "open", "send"];

/// Keys whose values are URLs. Any other value is a mistake, and hidden.
const URLS: [&str; 2] = ["url", "reference"];

/// Keys whose values are hosts or addresses. A value with a space is a mistake, and hidden.
const HOSTS: [&str; 4] = ["host", "address", "connect_to", "server_name"];

/// Keys whose values are compared with the answer of a peer, and may have any character.
const PATTERNS: [&str; 7] = [
    "contains",
    "not_contains",
    "regex",
    "is",
    "expect",
    "json",
    "",
];

/// The key whose value is a private key, or the name of a file that contains one.
const KEY_FILE: &str = "client_key";

/// The nodes for the tables of all source types and of all sink types.
const SOURCE: usize = 1;
const SINK: usize = 2;

/// Every key of up.toml, and its possible values.
#[derive(Debug)]
pub(crate) struct KnownKeys {
    /// The first is the top of the file.
    nodes: Vec<KnownNode>,
    /// The node for the table of each source type and sink type.
    kinds: HashMap<(usize, String), usize>,
    /// A node for all keys of one name, wherever they are allowed.
    anywhere: HashMap<String, usize>,
    /// The fixed words that values may be.
    words: HashSet<String>,
    /// The text of the schema: messages may contain parts of it, whatever is in a file.
    vocabulary: String,
}

/// The keys and values that are allowed at one place; if there are several types, by any of them.
#[derive(Clone, Debug, Default)]
pub(super) struct KnownNode {
    keys: HashMap<String, usize>,
    /// The node for any other key.
    each: Option<usize>,
    pub(super) secrecy: Secrecy,
    /// True if the value may be any text.
    pub(super) text: bool,
    /// The kind of text.
    pub(super) text_kind: TextKind,
    /// The fixed words that the value may be.
    pub(super) words: Vec<String>,
}

/// How secret a value may be; if there are several types, the most secret one counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Secrecy {
    /// The value is never a secret.
    #[default]
    None,
    /// The name of the key is like that of a secret: only its fixed words are harmless.
    Guarded,
    /// The value says where a secret is.
    Pointer,
    /// The value may be a secret.
    Secret,
}

/// A kind of text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum TextKind {
    /// A name, an address, a path.
    #[default]
    Name,
    Url,
    Host,
    Pattern,
    /// A secret, or the name of a file that contains one.
    KeyFile,
}

/// A place in the file, by the keys that lead to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum KeyPosition {
    /// A place that the schema has.
    At(usize),
    /// A place that the schema does not have; `near` if one of the keys looks like that of a
    /// secret.
    Odd { near: bool },
}

impl KeyPosition {
    /// The top of the file.
    pub(super) const TOP: Self = Self::At(0);
}

impl KnownNode {
    fn needs(&mut self, secrecy: Secrecy) {
        self.secrecy = self.secrecy.max(secrecy);
    }
}

impl KnownKeys {
    /// Collects the keys from the schemas: of the top of the file, of each source type and sink
    /// type by name, and of the types that these refer to by name.
    pub(crate) fn new(
        top: &Object,
        sources: &[(&str, Vec<&Object>)],
        sinks: &[(&str, Vec<&Object>)],
        shared: &Object,
        vocabulary: String,
    ) -> Self {
        let mut known = Self {
            nodes: vec![KnownNode::default(); 3],
            kinds: HashMap::new(),
            anywhere: HashMap::new(),
            words: HashSet::new(),
            vocabulary,
        };
        known.add(0, "", top, shared);
        known.nodes[0].keys.insert("source".into(), SOURCE);
        known.nodes[0].keys.insert("sink".into(), SINK);
        known.nodes[SOURCE].keys.insert("source".into(), SOURCE);
        for (all, kinds) in [(SOURCE, sources), (SINK, sinks)] {
            let names: Vec<String> = kinds.iter().map(|(kind, _)| (*kind).to_owned()).collect();
            for (kind, schemas) in kinds {
                let own = known.node();
                for schema in schemas {
                    known.add(all, "", schema, shared);
                    known.add(own, "", schema, shared);
                }
                known.nodes[own].keys.insert("source".into(), SOURCE);
                for node in [all, own] {
                    let below = known.push(node, "type");
                    known.nodes[below].words.clone_from(&names);
                }
                known.kinds.insert((all, (*kind).to_owned()), own);
            }
        }
        known.words = known
            .nodes
            .iter()
            .flat_map(|node| node.words.clone())
            .collect();
        known.gather(top, shared);
        for schema in sources.iter().chain(sinks).flat_map(|(_, schemas)| schemas) {
            known.gather(schema, shared);
        }
        known
    }

    /// Adds what a schema allows to a node.
    fn add(&mut self, node: usize, name: &str, schema: &Object, shared: &Object) {
        if let Some(of) = schema.get("$ref").and_then(Value::as_str) {
            let of = of.rsplit('/').next().unwrap_or(of);
            if of == "SecretRef" {
                if name == KEY_FILE {
                    self.nodes[node].text_kind = TextKind::KeyFile;
                }
                return self.add_secret(node);
            }
            // A duration is no free text, though its type is a string.
            if let Some(Value::Object(schema)) = shared.get(of).filter(|_| of != "Duration") {
                self.add(node, name, schema, shared);
            }
            return;
        }
        if looks_secret(name) {
            self.nodes[node].needs(Secrecy::Guarded);
        }
        for key in ["oneOf", "anyOf", "items"] {
            let forms = match schema.get(key) {
                Some(Value::Array(forms)) => forms.as_slice(),
                Some(form) => std::slice::from_ref(form),
                None => &[],
            };
            for form in forms.iter().filter_map(Value::as_object) {
                self.add(node, name, form, shared);
            }
        }
        if let Some(Value::Object(keys)) = schema.get("properties") {
            for (key, schema) in keys
                .iter()
                .filter_map(|(key, of)| Some((key, of.as_object()?)))
            {
                let below = match self.nodes[node].keys.get(key) {
                    Some(below) => *below,
                    None => self.push(node, key),
                };
                self.add(below, key, schema, shared);
            }
        }
        if let Some(Value::Object(each)) = schema.get("additionalProperties") {
            let below = self.nodes[node].each.unwrap_or_else(|| self.node());
            self.nodes[node].each = Some(below);
            self.add(below, "", each, shared);
        }
        let words = schema.get("enum").and_then(Value::as_array);
        let words = words.into_iter().flatten().chain(schema.get("const"));
        let words: Vec<String> = words
            .filter_map(|word| Some(word.as_str()?.to_owned()))
            .collect();
        let is_text = words.is_empty() && schema.get("type").is_some_and(|of| *of == "string");
        let node = &mut self.nodes[node];
        node.words.extend(words);
        if FREE_TEXT.contains(&name) {
            node.needs(Secrecy::Secret);
        }
        node.text |= is_text;
        if URLS.contains(&name) {
            node.text_kind = TextKind::Url;
        } else if HOSTS.contains(&name) {
            node.text_kind = TextKind::Host;
        } else if PATTERNS.contains(&name) {
            node.text_kind = TextKind::Pattern;
        }
    }

    /// Adds a secret: a text, or a table that says where it is.
    fn add_secret(&mut self, node: usize) {
        self.nodes[node].needs(Secrecy::Secret);
        for key in SecretRef::POINTERS {
            let below = self.push(node, key);
            self.nodes[below].needs(Secrecy::Pointer);
        }
    }

    fn node(&mut self) -> usize {
        self.nodes.push(KnownNode::default());
        self.nodes.len() - 1
    }

    fn push(&mut self, above: usize, key: &str) -> usize {
        let below = self.node();
        self.nodes[above].keys.insert(key.to_owned(), below);
        below
    }

    /// Adds all keys of a schema, at any depth, to `anywhere`.
    fn gather(&mut self, schema: &Object, shared: &Object) {
        let mut open = vec![schema];
        while let Some(schema) = open.pop() {
            for (key, value) in schema {
                let of = value.as_str().filter(|_| key == "$ref");
                let of = of.and_then(|of| shared.get(of.rsplit('/').next()?)?.as_object());
                open.extend(of);
                open.extend(value.as_object());
                open.extend(
                    value
                        .as_array()
                        .into_iter()
                        .flatten()
                        .filter_map(Value::as_object),
                );
            }
            let keys = schema.get("properties").and_then(Value::as_object);
            for (key, of) in keys.into_iter().flatten() {
                if SecretRef::POINTERS.contains(&key.as_str()) {
                    continue;
                }
                let node = match self.anywhere.get(key) {
                    Some(node) => *node,
                    None => self.node(),
                };
                self.anywhere.insert(key.clone(), node);
                if let Some(of) = of.as_object() {
                    self.add(node, key, of, shared);
                }
            }
        }
    }

    /// The node of a place that the schema has.
    pub(super) fn at(&self, node: usize) -> &KnownNode {
        &self.nodes[node]
    }

    /// True for a place whose keys depend on a `type`.
    pub(super) fn is_of_kinds(spot: KeyPosition) -> bool {
        matches!(spot, KeyPosition::At(SOURCE | SINK))
    }

    /// The same place for a table of this type, if the type is known.
    pub(super) fn of_kind(&self, spot: KeyPosition, kind: &str) -> KeyPosition {
        let own = match spot {
            KeyPosition::At(all) => self.kinds.get(&(all, kind.to_owned())),
            KeyPosition::Odd { .. } => None,
        };
        own.map_or(spot, |own| KeyPosition::At(*own))
    }

    /// The place that a key leads to.
    pub(super) fn within(&self, spot: KeyPosition, key: &str) -> KeyPosition {
        let node = match spot {
            KeyPosition::At(node) => self.at(node),
            KeyPosition::Odd { near } => {
                return KeyPosition::Odd {
                    near: near || is_near_secret(key),
                };
            }
        };
        if let Some(below) = node.keys.get(key) {
            return KeyPosition::At(*below);
        }
        if let Some(each) = node.each {
            // If each value may be a secret, it is hidden anyway, and may be a table.
            let is_odd = looks_secret(key) && self.at(each).secrecy != Secrecy::Secret;
            return if is_odd {
                KeyPosition::Odd { near: true }
            } else {
                KeyPosition::At(each)
            };
        }
        match self.anywhere.get(key) {
            // A key at the wrong place is treated as elsewhere, if it is harmless everywhere. A
            // text is not, because the user may have taken the key for another one.
            Some(elsewhere) if node.secrecy != Secrecy::Secret && self.is_harmless(*elsewhere) => {
                KeyPosition::At(*elsewhere)
            }
            _ => KeyPosition::Odd {
                near: node.secrecy == Secrecy::Secret || is_near_secret(key),
            },
        }
    }

    fn is_harmless(&self, node: usize) -> bool {
        let node = self.at(node);
        let each = node
            .each
            .map_or(Secrecy::None, |each| self.at(each).secrecy);
        node.secrecy == Secrecy::None && each != Secrecy::Secret && !node.text
    }

    /// True if the schema has this key at this place.
    pub(super) fn has(&self, spot: KeyPosition, key: &str) -> bool {
        match spot {
            KeyPosition::At(node) => self.at(node).keys.contains_key(key),
            KeyPosition::Odd { .. } => false,
        }
    }

    /// True for a place with any keys, like a table of headers.
    pub(super) fn takes_any_key(&self, spot: KeyPosition) -> bool {
        matches!(spot, KeyPosition::At(node) if self.at(node).each.is_some())
    }

    /// True if the schema has this key anywhere.
    pub(super) fn has_anywhere(&self, key: &str) -> bool {
        self.anywhere.contains_key(key) || ["source", "sink"].contains(&key)
    }

    /// All keys in the schema.
    pub(super) fn all_keys(&self) -> impl Iterator<Item = &str> {
        self.anywhere.keys().map(String::as_str)
    }

    /// True if the text is a fixed word of any key.
    pub(super) fn is_word(&self, text: &str) -> bool {
        self.words.contains(text)
    }

    /// True if the text occurs in the schema.
    pub(super) fn says(&self, text: &str) -> bool {
        self.vocabulary.contains(text)
    }
}
