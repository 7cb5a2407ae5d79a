//! A file with a mistake is refused as a whole, and the line and the column are named.

use up_tests::up::Up;

use crate::{DAY, HEADER, run};

#[test]
fn a_file_with_a_mistake_changes_nothing() {
    let now = up_engine::clock::now();
    let check = |text: &str, expected: &str| {
        let up = Up::new();
        up.write("f.csv", text);
        let outcome = up.run(["history", "import", "f.csv", "--path", "/A"]);
        assert_eq!(outcome.code, Some(2), "{text}: {outcome:?}");
        assert!(outcome.err.contains(expected), "{text}: {outcome:?}");
        assert_eq!(outcome.out, "");
        assert_eq!(run(&up, &["history", "paths"]), "", "{text}");
    };
    let good = format!("{HEADER}1795000000,1,0.1,,\r\n");
    let row = |row: &str| format!("{good}{row}\r\n1795000060,1,0.1,,\r\n");
    check(
        &row("x,1,0.1,,"),
        "f.csv, line 3, column 1 (date): \"x\" is not a number",
    );
    check(
        &row(",1,0.1,,"),
        "line 3, column 1 (date): there is no date",
    );
    check(&row("NaN,1,0.1,,"), "line 3, column 1 (date)");
    check(&row("-1,1,0.1,,"), "line 3, column 1 (date)");
    check(&row("1795000000123,1,0.1,,"), "line 3, column 1 (date)");
    check(
        &row(&format!("{},1,0.1,,", now + 2.0 * DAY)),
        "more than a day after now",
    );
    check(
        &row("1795000030,2,0.1,,"),
        "line 3, column 2 (status): 2 is not from 0 to 1",
    );
    check(&row("1795000030,up,0.1,,"), "line 3, column 2 (status)");
    check(&row("1795000030,1,-1,,"), "line 3, column 3 (duration)");
    check(
        &row("1795000030,1,1e308,,"),
        "(duration): 1e308 is not a duration from 0 to 1e9 seconds",
    );
    check(&row("1795000030,1e308,1,,"), "(status): 1e308 is not from");
    check(
        &row("1795000030,0,1,nope,"),
        "line 3, column 4 (cause_code): \"nope\" is not a cause code of Up, which are: dns, refused,",
    );
    check(
        &row("1795000030,0,1"),
        "line 3, column 4 (cause_code): the row has 3 fields",
    );
    check(&row("1795000030,0,1,,a,b"), "the row has 6 fields");
    check(
        &row("1795000030,0,1,,\"two\nlines\"\r\nx,1,1,,"),
        "line 5, column 1",
    );
    check(
        &format!("{good}{}", "x".repeat(100_000)),
        "line 3 is too long",
    );
    check("", "it is empty");
    check("when,status\n", "line 1, column 1 (when)");
    check("date,duration\n", "names no column status");
    check(
        "date,status,date\n",
        "line 1, column 3 (date): the column is there twice",
    );
    check(
        "path,date,status\nA,1795000000,1\n",
        "line 2, column 1 (path): \"A\" is not a path",
    );
    check("SQLite format 3\0", "f.csv");
    let up = Up::new();
    up.write("f.csv", &good);
    let refused = |args: &[&str], expected: &str| {
        let outcome = up.run(args);
        assert_eq!(outcome.code, Some(2), "{args:?}: {outcome:?}");
        assert!(outcome.err.contains(expected), "{args:?}: {outcome:?}");
    };
    refused(
        &["history", "import", "f.csv"],
        "name the path of its samples by --path",
    );
    refused(
        &["history", "import", "f.csv", "--path", "A"],
        "is not a path",
    );
    refused(
        &["history", "import", "no.csv", "--path", "/A"],
        "no.csv: it cannot be read",
    );
    refused(&["history", "/A", "paths"], "behind the command");
    refused(
        &["history", "--since", "3d", "incidents"],
        "behind the command",
    );
    refused(&["history"], "PATH");
}
