//! `type = "snmp"` on a machine without file descriptors. The test has a process of its own,
//! because the limit is that of the process.

use std::time::Duration;

use rustix::process::{Resource, getrlimit, setrlimit};
use up_tests::check_source::{check_source, verdict};

#[tokio::test]
async fn without_a_file_descriptor_left_nothing_is_said_of_the_agent() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = Some(0);
    setrlimit(Resource::Nofile, limit).expect("a lower limit");
    for host in ["127.0.0.1", "localhost", "snmp.example"] {
        let keys = format!("host = {host:?}");
        let answer = check_source("snmp", &keys, Duration::from_secs(20)).await;
        assert_eq!(verdict(&answer), "unknown resource", "{host}: {answer:?}");
    }
}
