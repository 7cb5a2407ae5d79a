//! Names with several addresses, and systems with several resolvers, of which the first is dead.
//! The tests run in a network namespace of their own with an unbound, and with interfaces that drop
//! everything.

#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use up_tests::aloud::aloud;
use up_tests::unbound::command;
use up_tests::up::{Up, program};

/// `far.example` has first an address whose packets are dropped, and then one that answers.
const HOSTS: &str = "2001:db8::53 far.example\n127.0.0.3 far.example\n\
                     2001:db8::53 gone.example\n127.0.0.9 gone.example\n";

/// Two interfaces that drop everything, and the files of this folder in place of the system's.
const NETWORK: &str = "ip link set lo up && ip link add hole type veth peer name end && \
     ip link set end up && ip -6 addr add 2001:db8::1/64 dev hole nodad && \
     ip addr add 192.0.2.2/24 dev hole && ip link set hole arp off up && \
     mount --bind hosts /etc/hosts && mount --bind resolv.conf /etc/resolv.conf";

/// The output of `up --json` for those sources, on a system with those resolvers. Tries at most
/// that many times until all are up. `None` if the system permits no network namespace, as in most
/// containers, which is noted aloud.
fn ask(resolvers: &[&str], sources: &str, times: u8) -> Option<Vec<Value>> {
    const OWN: [&str; 3] = ["--map-root-user", "--net", "--mount"];
    let permitted = Command::new("unshare").args(OWN).arg("true").output();
    let permitted = permitted.expect("unshare is there");
    if !permitted.status.success() {
        aloud(
            "dead addresses are not shown to be passed over here: there is no network of its own",
        );
        return None;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let unbound = command(folder.path(), "interface: 127.0.0.3@53\n");
    write(folder.path(), "hosts", HOSTS);
    let resolvers = resolvers
        .iter()
        .map(|address| format!("nameserver {address}\n"));
    write(folder.path(), "resolv.conf", &resolvers.collect::<String>());
    let up = Up::with(format!("name = \"All\"\ntimeout = \"4s\"\n{sources}"));
    let script = format!(
        "{NETWORK} && {{ \"$1\" -d -p -c unbound.conf & }} && unbound=$! && cd \"$2\" && \
         for i in $(seq {times}); do \"$0\" --json >answer && break; sleep 0.1; done; \
         cat answer; kill $unbound"
    );
    let output = Command::new("unshare")
        .args(OWN)
        .args(["sh", "-c", &script])
        .arg(program())
        .arg(unbound.get_program())
        .arg(up.dir())
        .current_dir(folder.path())
        .env("UP_DATA_DIR", up.data())
        .output()
        .expect("unshare is there");
    let said: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {output:?}"));
    let nodes = said["root"]["children"].as_array();
    Some(nodes.expect("a tree has children").clone())
}

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).expect("a file in the new folder");
}

/// The sources that look up `www.up.example` and reach `host`, of all types that resolve names.
fn sources(host: &str) -> String {
    let dns = "[[source]]\ntype = \"dns\"\nhost = \"www.up.example\"";
    format!(
        "{dns}\nname = \"system\"\n\
         {dns}\nname = \"system, tcp\"\ntransport = \"tcp\"\n\
         {dns}\nname = \"named\"\nresolver = \"{host}\"\n\
         {dns}\nname = \"named, tcp\"\nresolver = \"{host}\"\ntransport = \"tcp\"\n\
         [[source]]\ntype = \"ping\"\nname = \"ping\"\nhost = \"{host}\"\n\
         [[source]]\ntype = \"tcp\"\nname = \"tcp\"\naddress = \"{host}:53\"\n"
    )
}

#[test]
fn a_dead_first_address_is_passed_over() {
    let Some(nodes) = ask(
        &["192.0.2.53", "127.0.0.9", "127.0.0.3"],
        &sources("far.example"),
        // unbound may take a moment until it answers.
        5,
    ) else {
        return;
    };
    for node in nodes {
        assert_eq!(node["status"], 1.0, "{node}");
        let detail = &node["detail"];
        let reached = [&detail["resolver"], &detail["remote"]];
        let reached = reached
            .iter()
            .find_map(|at| at.as_str())
            .unwrap_or_default();
        assert!(reached.starts_with("127.0.0.3"), "{node}");
    }
}

#[test]
fn all_that_failed_are_named() {
    let Some(nodes) = ask(&["192.0.2.53", "127.0.0.9"], &sources("gone.example"), 1) else {
        return;
    };
    let system = &["192.0.2.53:53 within 4s", "127.0.0.9:53"][..];
    let named = &["[2001:db8::53]:53 within 4s", "127.0.0.9:53"][..];
    for (name, words) in [
        ("system", system),
        ("system, tcp", system),
        ("named", named),
        ("named, tcp", named),
    ] {
        let node = nodes.iter().find(|node| node["name"] == name);
        let node = node.expect("each source has a node");
        assert_eq!(node["status"], 0.0, "{node}");
        let text = node["cause"]["text"].as_str().unwrap_or_default();
        for words in words {
            assert!(text.contains(words), "{words} in {node}");
        }
    }
}
