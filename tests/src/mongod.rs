//! A real mongod on a free port, alone or in a replica set, with a database of its own. It can be killed as by a
//! power cut, restarted on the same data, and frozen so that it accepts connections but never
//! answers.

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use bson::{Document, doc};
use mongodb::Client;
use mongodb::options::{Acknowledgment, WriteConcern};
use rustix::process::Signal;
use tempfile::TempDir;

use crate::daemon::{Daemon, PATIENCE, find_program};
use crate::port::Port;

/// Where `cargo xtask test` stores mongod.
const CACHED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../.cache/mongod/mongod");

/// A mongod. When it is dropped, it is killed and its data are removed.
#[derive(Debug)]
pub struct Mongod {
    // The first field, so that the process ends before its directory is removed.
    daemon: Daemon,
    port: Port,
    dir: TempDir,
    options: &'static [&'static str],
}

impl Mongod {
    /// Starts one with an empty database, and waits until it accepts connections.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts one with these additional options.
    pub fn start_with(options: &'static [&'static str]) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let port = Port::claim();
        let daemon = spawn(&dir, &port, options);
        Self {
            daemon,
            port,
            dir,
            options,
        }
    }

    /// The connection string.
    pub fn uri(&self) -> String {
        format!("mongodb://127.0.0.1:{}", self.port.number())
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// Kills the process (SIGKILL). Writes that did not wait for the journal (`j: true`) may be
    /// lost, as in a power cut.
    pub fn kill9(&mut self) {
        self.daemon.kill9();
    }

    /// Ends the process (SIGTERM), and waits for that.
    pub fn stop(&mut self) {
        self.daemon.stop(Signal::TERM);
    }

    /// Restarts it on the same port and data.
    pub fn start_again(&mut self) {
        assert!(!self.daemon.is_running(), "mongod is still running");
        self.daemon = spawn(&self.dir, &self.port, self.options);
    }

    /// Stops the process (SIGSTOP): connections are accepted, but nothing is answered.
    pub fn freeze(&mut self) {
        self.daemon.freeze();
    }

    /// Continues the process (SIGCONT).
    pub fn thaw(&mut self) {
        self.daemon.thaw();
    }
}

/// A replica set: several mongods on this machine, of which one is the primary.
#[derive(Debug)]
pub struct ReplicaSet {
    members: Vec<Mongod>,
}

/// The name of the set.
const SET: &str = "rs";

impl ReplicaSet {
    /// Starts one with so many members, and waits until it has a primary that accepts writes.
    pub async fn start(members: usize) -> Self {
        let started = (0..members).map(|_| Mongod::start_with(&["--replSet", SET]));
        let set = Self {
            members: started.collect(),
        };
        let hosts = (0_i32..).zip(&set.members).map(|(number, member)| {
            let host = format!("127.0.0.1:{}", member.port());
            doc! { "_id": number, "host": host }
        });
        let config = doc! {
            "_id": SET,
            "members": hosts.collect::<Vec<_>>(),
            // So that a killed primary has a successor soon.
            "settings": { "electionTimeoutMillis": 2_000 },
        };
        let direct = format!("{}/?directConnection=true", set.members[0].uri());
        let client = Client::with_uri_str(direct).await.expect("a URI");
        client
            .database("admin")
            .run_command(doc! { "replSetInitiate": config })
            .await
            .expect("initiated");
        set.wait_for_write().await;
        set
    }

    /// The connection string, with all members.
    pub fn uri(&self) -> String {
        let hosts = self.members.iter();
        let hosts: Vec<_> = hosts
            .map(|member| format!("127.0.0.1:{}", member.port()))
            .collect();
        format!("mongodb://{}/?replicaSet={SET}", hosts.join(","))
    }

    /// Kills the primary (SIGKILL), and returns which member it was.
    pub async fn kill_primary(&mut self) -> usize {
        let client = Client::with_uri_str(self.uri()).await.expect("a URI");
        let hello = client
            .database("admin")
            .run_command(doc! { "hello": 1 })
            .await
            .expect("a primary answers");
        let primary = hello.get_str("primary").expect("there is a primary");
        let is_it = |member: &Mongod| primary.ends_with(&format!(":{}", member.port()));
        let which = self.members.iter().position(is_it).expect("a member");
        self.members[which].kill9();
        which
    }

    /// Restarts a member that was killed.
    pub fn start_again(&mut self, member: usize) {
        self.members[member].start_again();
    }

    /// Waits until a primary makes a write durable on a majority.
    pub async fn wait_for_write(&self) {
        let client = Client::with_uri_str(self.uri()).await.expect("a URI");
        let written = client
            .database("readiness")
            .collection::<Document>("written");
        let late = Instant::now() + PATIENCE;
        loop {
            let majority = WriteConcern::builder().w(Acknowledgment::Majority).build();
            let done = written.insert_one(doc! {}).write_concern(majority).await;
            match done {
                Ok(_) => return,
                Err(error) => assert!(Instant::now() < late, "no primary: {error}"),
            }
        }
    }
}

fn spawn(dir: &TempDir, port: &Port, options: &[&str]) -> Daemon {
    let mut command = Command::new(program());
    command
        .arg("--dbpath")
        .arg(dir.path())
        .args(["--port", &port.number().to_string()])
        .args(["--bind_ip", "127.0.0.1", "--nounixsocket"])
        // Small caches and no log, because many of them run at once for a few seconds each.
        .args(["--wiredTigerCacheSizeGB", "0.25"])
        .args(["--setParameter", "diagnosticDataCollectionEnabled=false"])
        .args(options);
    let mut daemon = Daemon::spawn("mongod", &mut command, dir.path());
    daemon.wait_for_tcp(port.address());
    daemon
}

/// The path of `mongod`: on PATH, or in `UP_MONGOD`, or the stored one.
fn program() -> PathBuf {
    let named = std::env::var("UP_MONGOD").unwrap_or_default();
    find_program("mongod", &[])
        .or_else(|| find_program("mongod", &[&named, CACHED]))
        .unwrap_or_else(|| {
            panic!(
                "no mongod on PATH, none at $UP_MONGOD, none at {CACHED}: `cargo xtask test` \
                 installs one there"
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes and reads a document, within the timeout of a driver.
    async fn holds(mongod: &Mongod, number: i32) -> u64 {
        let client = Client::with_uri_str(mongod.uri()).await.unwrap();
        let numbers = client.database("up").collection::<Document>("numbers");
        numbers.insert_one(doc! { "number": number }).await.unwrap();
        numbers.count_documents(doc! {}).await.unwrap()
    }

    #[tokio::test]
    async fn what_was_acknowledged_and_journaled_outlives_a_kill() {
        let mut mongod = Mongod::start();
        assert_eq!(holds(&mongod, 1).await, 1);
        mongod.freeze();
        mongod.thaw();
        assert_eq!(holds(&mongod, 2).await, 2);
        mongod.stop();
        mongod.start_again();
        mongod.kill9();
        mongod.start_again();
        assert_eq!(holds(&mongod, 3).await, 3, "same data, same port");
    }
}
