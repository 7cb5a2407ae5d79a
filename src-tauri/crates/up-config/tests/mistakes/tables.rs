//! Mistakes in sources, trees and sinks as a whole.

use super::{check, sink_types, types};

#[test]
fn nothing_to_watch() {
    let nothing = (
        "1:1",
        "this file has no source: there is nothing to watch",
        "add a [[source]] with its type and keys; `up init example.toml` writes an example beside it",
    );
    check("", &[nothing]);
    check("\n\n# nothing\n", &[nothing]);
    check("\u{feff}", &[nothing]);
    check("name = \"x\"\n[[sink]]\ntype = \"stdout\"", &[nothing]);
    check("name = \"x\"\nsource = []", &[nothing]);
}

#[test]
fn types_of_sources_and_sinks() {
    check(
        "[[source]]\nurl = \"http://h/\"",
        &[(
            "1:1",
            "this source has no `type`",
            &format!("add type = \"…\": {}", types()),
        )],
    );
    check(
        "[[source]]\ntype = \"htp\"\n[[sink]]\ntype = \"mongodb\"\n[[sink]]\n",
        &[
            (
                "2:8",
                "there is no source of type \"htp\"",
                "did you mean `http`?",
            ),
            (
                "4:8",
                "there is no sink of type \"mongodb\"",
                &format!("use {}", sink_types()),
            ),
            (
                "5:1",
                "this sink has no `type`",
                &format!("add type = \"…\": {}", sink_types()),
            ),
        ],
    );
    check(
        "[[source]]\ntype = 5",
        &[(
            "2:8",
            "the `type` of a source must be a string",
            &format!("write {}", types()),
        )],
    );
    check(
        "[source]\ntype = \"http\"\n[sink]\ntype = \"stdout\"",
        &[
            (
                "1:1",
                "`source` must be written in double brackets, because there may be several",
                "begin each with a line [[source]], followed by its keys",
            ),
            (
                "3:1",
                "`sink` must be written in double brackets, because there may be several",
                "begin each with a line [[sink]], followed by its keys",
            ),
        ],
    );
    check(
        "source = [1]\nsink = \"stdout\"",
        &[
            (
                "1:11",
                "each `source` must be a table",
                "begin each with a line [[source]], followed by its keys",
            ),
            (
                "2:8",
                "`sink` must be a table",
                "begin each with a line [[sink]], followed by its keys",
            ),
        ],
    );
}

#[test]
fn roots_and_trees() {
    check(
        "[[source]]\ntype = \"github\"\n[[source]]\ntype = \"github\"\nintervall = \"1s\"",
        &[
            (
                "3:1",
                "several sources need a root that contains them, and this file has no name",
                "add name = \"…\" as the first line",
            ),
            (
                "5:1",
                "unknown key `intervall` in a source of type `github`",
                "did you mean `interval`?",
            ),
        ],
    );
    check(
        "[[source]]\ntype = \"tree\"\npolicy = { at_least = 2 }\n[[source.source]]\ntype = \"github\"",
        &[
            ("1:1", "a tree needs a name", "add name = \"…\""),
            (
                "3:10",
                "`at_least` is 2, but this tree has 1 source: it could never be up",
                "write a number that can be reached",
            ),
        ],
    );
    check(
        "name = \"x\"\npolicy = { at_least = 2 }\n[[source]]\ntype = \"github\"",
        &[(
            "2:10",
            "`at_least` is 2, but this tree has 1 source: it could never be up",
            "write a number that can be reached",
        )],
    );
    check(
        "parallel = false\nconcurrency = 2\n[[source]]\ntype = \"github\"",
        &[
            (
                "1:12",
                "`parallel` applies to a root with a name, and this file has none",
                "add name = \"…\" as the first line, or remove this key",
            ),
            (
                "2:15",
                "`concurrency` applies to a root with a name, and this file has none",
                "add name = \"…\" as the first line, or remove this key",
            ),
        ],
    );
    check(
        "[[source]]\ntype = \"tree\"\nname = \"t\"\nparallel = false\nconcurrency = 2\n[[source]]\ntype = \"tree\"\nname = \"u\"\nconcurrency = 0",
        &[
            (
                "5:15",
                "`concurrency` allows several at once, but `parallel = false` only one",
                "remove one of them",
            ),
            (
                "6:1",
                "several sources need a root that contains them, and this file has no name",
                "add name = \"…\" as the first line",
            ),
            (
                "9:15",
                "`concurrency` must be a whole number, 1 or more, but is 0",
                "",
            ),
        ],
    );
    check(
        "[[source]]\ntype = \"tree\"\nname = \"t\"\npolicy = { at_lest = 2 }",
        &[(
            "4:12",
            "`policy` cannot be \"at_lest\"",
            "did you mean `at_least`?",
        )],
    );
}

#[test]
fn what_sources_say_of_their_own_keys() {
    let only = "only http and https URLs can be requested, not file:";
    check(
        "[[source]]\ntype = \"http\"\nurl = \"file:///etc/passwd\"",
        &[("3:7", only, "write one like \"https://example.com/\"")],
    );
    check(
        "[[source]]\ntype = \"http\"\nmethod = 5",
        &[
            (
                "1:1",
                "there is no `url` in a source of type `http`",
                "add url = …",
            ),
            (
                "3:10",
                "`method` must be a string, but is 5",
                "write it in quotes: \"5\"",
            ),
        ],
    );
}

#[test]
fn sinks() {
    let source = "[[source]]\ntype = \"github\"\n";
    let mongo = "[[sink]]\ntype = \"mongo\"\nuri = \"mongodb://h\"\n";
    check(
        &format!("{source}{mongo}{mongo}database = \"up\""),
        &[(
            "6:1",
            "this sink writes to the same place as the one in line 3",
            "remove one of them",
        )],
    );
    check(
        &format!("{source}{mongo}{}", mongo.replace("//h", "//u:p@H:27017")),
        &[(
            "6:1",
            "this sink writes to the same place as the one in line 3",
            "remove one of them",
        )],
    );
    for uri in [
        "http://h",
        "mongodb://",
        "mongodb://u:p/q@h",
        "mongodb://a,,b",
        "mongodb://h:x",
    ] {
        let sink = format!("[[sink]]\ntype = \"mongo\"\nuri = \"{uri}\"");
        check(
            &format!("{source}{sink}"),
            &[(
                "5:7",
                "this is no MongoDB URI",
                "write mongodb://HOST:PORT or mongodb+srv://HOST, and percent-encode what user and \
                 password have of : / ? # [ ] @ and %",
            )],
        );
    }
    check(
        &format!("{source}{mongo}database = \"a.b\"\n[[sink]]\ntype = \"stdout\"\nuri = \"x\""),
        &[
            (
                "6:12",
                "the database's name has one of / \\ . \" $ * < > : | ? or a space in it",
                "",
            ),
            (
                "9:1",
                "unknown key `uri` in a sink of type `stdout`",
                "`uri` belongs in a [[sink]] of type `mongo`",
            ),
        ],
    );
}

#[test]
fn what_nothing_can_depend_on() {
    let two = |first: &str, second: &str| {
        let source = |name: &str, keys: &str| {
            let address = "address = \"h:1\"";
            format!("[[source]]\ntype = \"tcp\"\nname = \"{name}\"\n{address}\n{keys}\n")
        };
        format!(
            "name = \"R\"\n{}{}",
            source("web", first),
            source("router", second)
        )
    };
    let unknown = "write the name of a source in the same tree, or a path from the root like \
                   \"/Root/Tree/Name\"";
    check(
        &two(
            "depends_on = [\"router\", \"rooter\", \"/R/weg\", \"x/y/z\"]",
            "",
        ),
        &[
            (
                "6:25",
                "`depends_on` names \"rooter\", but there is no such source",
                "did you mean \"router\"?",
            ),
            (
                "6:35",
                "`depends_on` names \"/R/weg\", but there is no such source",
                "did you mean \"/R/web\"?",
            ),
            (
                "6:45",
                "`depends_on` names \"x/y/z\", but there is no such source",
                unknown,
            ),
        ],
    );
    check(
        &two("depends_on = [\"/R/router\"]", "depends_on = [\"web\"]"),
        &[(
            "6:15",
            "`depends_on` forms a cycle: /R/web → /R/router → /R/web",
            "remove one of these dependencies",
        )],
    );
    check(
        &two("depends_on = [\"web\"]", ""),
        &[(
            "6:15",
            "`depends_on` forms a cycle: /R/web → /R/web",
            "remove one of these dependencies",
        )],
    );
}

#[test]
fn alert_keys_out_of_bounds() {
    let source = "[[source]]\ntype = \"tcp\"\naddress = \"h:1\"\n";
    check(
        &format!("{source}alert = {{ group_within = \"1s\", per_minute = 2 }}"),
        &[
            (
                "4:26",
                "`group_within` applies to all sources, and cannot be set for one of them",
                "move it to the [alert] at the top of the file",
            ),
            (
                "4:45",
                "`per_minute` applies to all sources, and cannot be set for one of them",
                "move it to the [alert] at the top of the file",
            ),
        ],
    );
    check(
        &format!("{source}alert = {{ level = 4, flap_low = 30, remind = \"1s\" }}"),
        &[
            (
                "4:19",
                "`level` must be a number from 0 to 3, but is 4",
                "0 is DOWN, 1 MOSTLY DOWN, 2 HALF UP, 3 MOSTLY UP",
            ),
            (
                "4:33",
                "`flap_high` (25) must be above `flap_low` (30), and both must be from 1 to 100",
                "for example, write flap_high = 25 and flap_low = 10",
            ),
            (
                "4:46",
                "`remind` must be at least \"1m\", but is \"1s\"",
                "write remind = \"1m\"",
            ),
        ],
    );
}
