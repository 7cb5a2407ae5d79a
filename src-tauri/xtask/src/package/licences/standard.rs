//! The text of a licence for a library whose package names a licence and has no text: that of another
//! library with this licence, under the names of its own authors.

/// A licence whose text is the same for all libraries but for the copyright line.
struct StandardLicence {
    /// Its identifier of SPDX.
    id: &'static str,
    /// How its text begins.
    start: &'static str,
    /// How its text ends.
    end: &'static str,
    /// True if a line with the owners of the copyright belongs to it.
    has_owners: bool,
}

/// The licences of libraries without a text. A library with another one fails the packaging.
const KNOWN: [StandardLicence; 4] = [
    StandardLicence {
        id: "MIT",
        start: "Permission is hereby granted, free of charge,",
        end: "DEALINGS IN THE SOFTWARE.",
        has_owners: true,
    },
    StandardLicence {
        id: "BSD-3-Clause",
        start: "Redistribution and use in source and binary forms",
        end: "POSSIBILITY OF SUCH DAMAGE.",
        has_owners: true,
    },
    StandardLicence {
        id: "Apache-2.0",
        start: "Apache License",
        end: "END OF TERMS AND CONDITIONS",
        has_owners: false,
    },
    StandardLicence {
        id: "MPL-2.0",
        start: "Mozilla Public License Version 2.0",
        end: "defined by the Mozilla Public License, v. 2.0.",
        has_owners: false,
    },
];

/// The text of one of the licences in this expression of SPDX, found among `texts`. `None` if no
/// licence of it has a text there.
pub(super) fn text_of<'a>(
    expression: &str,
    owners: &str,
    texts: &(impl Iterator<Item = &'a str> + Clone),
) -> Option<String> {
    // All licences of an `AND` apply, and an exception changes the text.
    if expression.contains(" AND ") || expression.contains(" WITH ") {
        return None;
    }
    let ids = expression.split(" OR ").flat_map(|part| part.split('/'));
    let known = ids.filter_map(|id| KNOWN.iter().find(|known| known.id == id.trim()));
    let mut found = known.filter_map(|known| {
        // The shortest has nothing but this licence.
        let bodies = texts.clone().filter_map(|text| known.body(text));
        let body = bodies.min_by_key(|body| body.len())?;
        let owners = if known.has_owners {
            format!("Copyright (c) {owners}\n\n")
        } else {
            String::new()
        };
        Some(format!("{owners}{body}"))
    });
    found.next()
}

impl StandardLicence {
    /// The standard part of this text, if it is one of this licence.
    fn body<'a>(&self, text: &'a str) -> Option<&'a str> {
        let text = &text[text.find(self.start)?..];
        let end = text.find(self.end)? + self.end.len();
        let body = &text[..end];
        // A name in the third clause of BSD would be that of other people.
        let is_standard =
            self.id != "BSD-3-Clause" || body.contains("name of the copyright holder");
        is_standard.then_some(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIT: &str = "Copyright (c) 2019 Bo\n\nPermission is hereby granted, free of charge, to … OR \
                       OTHER DEALINGS IN THE SOFTWARE.\n\nMore of Bo";
    const APACHE: &str = "Apache License\nVersion 2.0\nEND OF TERMS AND CONDITIONS\nCopyright Bo";
    const OF_BO: &str = "Redistribution and use in source and binary forms … Neither the name of Bo … \
                         POSSIBILITY OF SUCH DAMAGE.";

    #[test]
    fn the_text_is_that_of_the_licence_under_its_own_authors() {
        let check = |expression: &str, expected: Option<&str>| {
            let longer = format!("Apache License or, as you like,\n{APACHE}");
            let texts = [OF_BO, &longer, APACHE, MIT];
            let found = text_of(expression, "Ann", &texts.into_iter());
            assert_eq!(found.as_deref(), expected, "{expression}");
        };
        let mit = "Copyright (c) Ann\n\nPermission is hereby granted, free of charge, to … OR OTHER \
                   DEALINGS IN THE SOFTWARE.";
        let apache = "Apache License\nVersion 2.0\nEND OF TERMS AND CONDITIONS";
        check("MIT", Some(mit));
        check("Apache-2.0", Some(apache));
        check("Zlib OR Apache-2.0", Some(apache));
        check("MIT/Apache-2.0", Some(mit));
        check("BSD-3-Clause", None);
        check("MIT AND Apache-2.0", None);
        check("Apache-2.0 WITH LLVM-exception", None);
        check("ISC", None);
        check("", None);
    }
}
