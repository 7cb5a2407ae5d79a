//! Mistakes in maintenance windows.

use super::check;

const SITE: &str = "name = \"R\"\n[[source]]\ntype = \"tcp\"\nname = \"a\"\naddress = \"h:1\"\n";

#[test]
fn windows() {
    let one = |window: &str, place: &str, message: &str, help: &str| {
        let text = format!("{SITE}[[maintenance]]\n{window}\n");
        check(&text, &[(place, message, help)]);
    };
    let unclear = "this maintenance window does not say when it is open";
    let both = "write `from` and `until` for a window that is open once, or `at`, `for` and perhaps \
        `days` for a recurring one";
    one("", "6:1", unclear, both);
    one("at = \"02:30\"", "6:1", unclear, both);
    one(
        "from = \"2026-12-24 22:00\"\nat = \"02:30\"",
        "6:1",
        unclear,
        both,
    );
    one(
        "from = \"tonight\"\nuntil = \"2026-12-25 06:00\"",
        "7:8",
        "\"tonight\" is not a date and time",
        "write one like \"2026-12-24 22:00\"",
    );
    one(
        "from = \"2026-12-25 06:00\"\nuntil = \"2026-12-24 22:00\"",
        "8:9",
        "this maintenance window ends (\"2026-12-24 22:00\") before it begins",
        "write a later `until`",
    );
    one(
        "at = \"25:00\"\nfor = \"1h\"",
        "7:6",
        "\"25:00\" is not a time of day",
        "write one like \"02:30\"",
    );
    one(
        "at = \"02:30\"\nfor = \"8d\"",
        "8:7",
        "`for` must be at most \"7d\", but is \"8d\"",
        "write for = \"7d\"",
    );
    one(
        "days = [\"someday\"]\nat = \"02:30\"\nfor = \"1h\"",
        "7:8",
        "\"someday\" is not a day",
        "write \"mon\" to \"sun\", or \"first mon\", \"second mon\", \"last mon\"",
    );
    one(
        "at = \"02:30\"\nfor = \"1h\"\ntime_zone = \"Europe/Berln\"",
        "9:13",
        "there is no time zone \"Europe/Berln\"",
        "did you mean \"Europe/Berlin\"?",
    );
    one(
        "paths = [\"/R/b\"]\nat = \"02:30\"\nfor = \"1h\"",
        "7:9",
        "there is no source at \"/R/b\"",
        "did you mean \"/R/a\"?",
    );
}
