//! Whose references stand for whose network.

use std::path::Path;

use up_config::load_text;

/// `expected` has the reference group of each source, with `!` if it is its own, and `-` for none.
fn check(keys: &[&str], expected: &str, groups: usize) {
    let [top, tree, first, second] = keys else {
        panic!("four parts");
    };
    let text = format!(
        "name = \"R\"\n{top}\n\
         [[source]]\ntype = \"tree\"\nname = \"t\"\n{tree}\n\
         [[source.source]]\ntype = \"tcp\"\naddress = \"a:1\"\n{first}\n\
         [[source]]\ntype = \"tcp\"\naddress = \"b:1\"\n{second}\n"
    );
    let plan = load_text(&text, Path::new("up.toml")).unwrap_or_else(|error| panic!("{error}"));
    let shown = plan.probes.iter().map(|probe| match probe.group {
        None => "-".to_owned(),
        Some(group) if probe.own_reference => format!("{group}!"),
        Some(group) => group.to_string(),
    });
    let shown: Vec<String> = shown.collect();
    assert_eq!(shown.join(" "), expected, "{text}");
    assert_eq!(plan.reference_groups.len(), groups, "{text}");
    for group in &plan.reference_groups {
        assert_eq!(group.references.len(), group.urls.len(), "all can be asked");
    }
}

#[test]
fn references_are_inherited_and_shared() {
    const NETWORK: &str = "[network]\nreference = [\"https://example.org/\"]";
    const VPN: &str = "reference = [\"tcp://10.1.0.1:53\"]";
    check(&["", "", "", ""], "0 0", 1);
    check(&[NETWORK, "", "", ""], "0 0", 1);
    check(&[NETWORK, VPN, "", ""], "1! 0", 2);
    check(&[NETWORK, VPN, "", VPN], "1! 1!", 2);
    check(&[NETWORK, VPN, "reference = []", ""], "- 0", 2);
    check(&["", "reference = []", "", VPN], "- 1!", 2);
}
