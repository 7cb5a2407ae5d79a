//! One `MongoDB`: what it is called, and the client, made when it is first needed.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use mongodb::options::{
    Acknowledgment, ClientOptions, ConnectionString, HostInfo, ServerAddress, ServerMonitoringMode,
    Tls, WriteConcern,
};
use mongodb::{Client, Database};
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;
use up_core::cause::one_line;
use up_core::redact::{HIDDEN, looks_secret, without_secrets};

use super::explain::why;
use super::relay::{Findings, HOSTS, Relay};
use crate::store::{StoreError, StoreErrorCode};

/// How long to look for a server that answers, unless the URI says otherwise.
const SELECTION: Duration = Duration::from_secs(3);

/// How long the server may take to make a write durable.
const DURABLE: Duration = Duration::from_secs(8);

/// Connections at once; a feed needs one, the panel's questions a few.
const CONNECTIONS: u32 = 4;

/// The longest name of a target, in bytes.
const LONGEST_NAME: usize = 300;

const SPELLING: &str = "is no MongoDB URI: write mongodb://HOST:PORT or mongodb+srv://HOST, and \
     percent-encode what user and password have of : / ? # [ ] @ and %";

const UNACKNOWLEDGED: &str = "says w=0, so that no write would be acknowledged, and Up forgets only \
     what was: leave w out, or write w=majority";

/// Where to write and read. It never shows its URI.
pub(super) struct MongoTarget {
    /// `MongoDB db.example.org/up`
    pub(super) name: String,
    /// The same for the same hosts and database, whatever the credentials.
    pub(super) key: String,
    /// The certificate files that the URI names.
    pub(super) files: Vec<PathBuf>,
    /// The host, if there is one alone, and not by way of a service record.
    pub(super) host: Option<String>,
    uri: String,
    database: String,
    // Two who need it at the same moment wait for one.
    link: Mutex<Option<RelayedClient>>,
    findings: Arc<Findings>,
}

/// A client, and the relay that is its only way to a server.
struct RelayedClient {
    client: Client,
    _relay: Relay,
}

impl MongoTarget {
    pub(super) fn new(uri: &str, database: &str) -> Result<Self, StoreError> {
        let refused = |message: String| StoreError {
            name: "MongoDB".into(),
            code: StoreErrorCode::Refused,
            message,
        };
        // An @ after the ? is a password's, and what stands before it would pass for a host.
        let (address, options) = uri.split_once('?').unwrap_or((uri, ""));
        if options.contains('@') && !address.contains('@') {
            return Err(refused(SPELLING.into()));
        }
        // The driver's own words may quote a part of the URI.
        let parsed = ConnectionString::parse(uri).map_err(|_| refused(SPELLING.into()))?;
        if let Some(problem) = database_problem(database) {
            return Err(refused(format!("the database's name {problem}")));
        }
        let concern = parsed.write_concern.as_ref();
        if concern.and_then(|concern| concern.w.clone()) == Some(Acknowledgment::Nodes(0)) {
            return Err(refused(UNACKNOWLEDGED.into()));
        }
        let files = match &parsed.tls {
            Some(Tls::Enabled(tls)) => [&tls.ca_file_path, &tls.cert_key_file_path],
            _ => [&None, &None],
        };
        let files = files.into_iter().flatten().cloned().collect();
        let alone = match &parsed.host_info {
            HostInfo::HostIdentifiers(hosts) => match &hosts[..] {
                [ServerAddress::Tcp { host, .. }] => Some(host.clone()),
                _ => None,
            },
            _ => None,
        };
        let hosts = match parsed.host_info {
            HostInfo::HostIdentifiers(hosts) => hosts.iter().map(host).collect(),
            HostInfo::DnsRecord(name) => vec![name],
            _ => return Err(refused(SPELLING.into())),
        };
        Ok(Self {
            name: one_line(
                &format!("MongoDB {}/{database}", hosts.join(",")),
                LONGEST_NAME,
            ),
            key: key(&hosts, database),
            files,
            host: alone,
            uri: uri.to_owned(),
            database: database.to_owned(),
            link: Mutex::new(None),
            findings: Arc::default(),
        })
    }

    /// The database, by way of the client. Only a `mongodb+srv` URI asks anyone for that. After a
    /// refusal of the relay a new one begins.
    pub(super) async fn database(&self) -> Result<Database, StoreError> {
        let mut link = self.link.lock().await;
        if self.findings.refusal().is_some() {
            *link = None;
        }
        let client = if let Some(link) = &*link {
            &link.client
        } else {
            self.findings.clear();
            &link.insert(self.connect().await?).client
        };
        Ok(client.database(&self.database))
    }

    async fn connect(&self) -> Result<RelayedClient, StoreError> {
        let mut options = ClientOptions::parse(&self.uri)
            .await
            .map_err(|error| self.error(&error))?;
        if options.hosts.len() > HOSTS {
            let count = options.hosts.len();
            return Err(self.trouble(
                StoreErrorCode::Refused,
                &format!("its name stands for {count} hosts, over the bound of {HOSTS}"),
            ));
        }
        if options.socks5_proxy.is_some() {
            return Err(self.trouble(
                StoreErrorCode::Refused,
                "a proxy in the URI is not supported: take proxyHost and its like out",
            ));
        }
        // TLS ends at the relay; between it and the driver lies only this machine's loopback.
        let tls = match options.tls.replace(Tls::Disabled) {
            Some(Tls::Enabled(tls)) => Some(tls),
            _ => None,
        };
        let findings = Arc::clone(&self.findings);
        let relay = Relay::start(&mut options.hosts, tls.as_ref(), findings)
            .await
            .map_err(|error| self.trouble(StoreErrorCode::Refused, &error.to_string()))?;
        options.socks5_proxy = Some(relay.proxy());
        let client = Client::with_options(with_habits(options)).map_err(|e| self.error(&e))?;
        Ok(RelayedClient {
            client,
            _relay: relay,
        })
    }

    /// What went wrong there.
    pub(super) fn error(&self, error: &mongodb::error::Error) -> StoreError {
        // Of a connection that the relay ended the driver knows only that.
        if let Some(refusal) = self.findings.refusal() {
            let told = format!("it is not spoken to: {refusal}");
            return self.trouble(StoreErrorCode::Unavailable, &told);
        }
        let (code, message) = why(error, self.findings.failure().as_deref());
        self.trouble(code, &message)
    }

    fn trouble(&self, code: StoreErrorCode, message: &str) -> StoreError {
        let message = without_credentials(message, &self.uri);
        StoreError {
            name: self.name.clone(),
            code,
            message,
        }
    }

    /// It took longer than this.
    pub(super) fn too_slow(&self, limit: Duration) -> StoreError {
        let late = format!("no answer within {} s", limit.as_secs());
        match self.findings.refusal() {
            Some(refusal) => self.trouble(
                StoreErrorCode::Unavailable,
                &format!("it is not spoken to: {refusal}"),
            ),
            None => self.trouble(StoreErrorCode::Unavailable, &late),
        }
    }
}

/// A message without what lets somebody in. The driver, the server and the system put their own
/// words into it, and any of them may repeat what it was given.
fn without_credentials(message: &str, uri: &str) -> String {
    let (_, rest) = uri.split_once("://").unwrap_or_default();
    let (address, options) = rest.split_once('?').unwrap_or((rest, ""));
    let user = address.rsplit_once('@').map_or("", |(user, _)| user);
    let options = options.split('&').filter_map(|option| {
        let (name, value) = option.split_once('=')?;
        let secret = looks_secret(name) && !name.eq_ignore_ascii_case("authSource");
        secret.then_some(value)
    });
    let mut secrets: Vec<String> = Vec::new();
    for text in user.splitn(2, ':').chain(options) {
        let plain = percent_decode_str(text).decode_utf8_lossy().into_owned();
        secrets.extend([text.to_owned(), plain]);
    }
    // A short user's name is a part of many words.
    secrets.retain(|secret| secret.len() > 3);
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    let hide = |message: String, secret: &String| message.replace(secret, HIDDEN);
    secrets.iter().fold(without_secrets(message), hide)
}

/// What Up wants of the driver, where the URI does not say otherwise.
fn with_habits(mut options: ClientOptions) -> ClientOptions {
    options.app_name.get_or_insert_with(|| "up".into());
    options.server_selection_timeout.get_or_insert(SELECTION);
    options.connect_timeout.get_or_insert(SELECTION);
    options.max_pool_size.get_or_insert(CONNECTIONS);
    // A server's health is asked every ten seconds rather than streamed: one connection less, and
    // no answer that was not asked for.
    options.server_monitoring_mode = Some(ServerMonitoringMode::Poll);
    // What a name stands for is asked again now and then.
    let most = HOSTS as u32;
    // 0 is no bound.
    let wanted = options.srv_max_hosts.filter(|wanted| *wanted > 0);
    options.srv_max_hosts = Some(wanted.map_or(most, |wanted| wanted.min(most)));
    // What is acknowledged has to survive a power cut: the outbox forgets it then.
    options.write_concern.get_or_insert_with(|| {
        WriteConcern::builder()
            .w(Acknowledgment::Majority)
            .journal(true)
            .w_timeout(DURABLE)
            .build()
    });
    options
}

fn host(address: &ServerAddress) -> String {
    match address {
        ServerAddress::Tcp { host, port } => {
            let port = port.map(|port| format!(":{port}")).unwrap_or_default();
            // The driver takes the brackets off an IPv6 address.
            if host.contains(':') {
                format!("[{host}]{port}")
            } else {
                format!("{host}{port}")
            }
        }
        other => other.to_string(),
    }
}

/// The same for the same hosts, in whatever order, and database.
fn key(hosts: &[String], database: &str) -> String {
    let with_port = |host: &String| match host.strip_suffix(":27017") {
        Some(host) => host.to_lowercase(),
        None => host.to_lowercase(),
    };
    let mut hosts: Vec<String> = hosts.iter().map(with_port).collect();
    hosts.sort_unstable();
    let digest = Sha256::digest(format!("{}\n{database}", hosts.join(",")));
    let half = digest.first_chunk().copied().unwrap_or_default();
    format!("{:032x}", u128::from_be_bytes(half))
}

/// <https://www.mongodb.com/docs/manual/reference/limits/>, the stricter rule of Windows: a
/// database may move there.
fn database_problem(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("is empty")
    } else if name.len() > 63 {
        Some("is longer than 63 bytes")
    } else if name.contains([
        '/', '\\', '.', ' ', '"', '$', '*', '<', '>', ':', '|', '?', '\0',
    ]) {
        Some("has one of / \\ . \" $ * < > : | ? or a space in it")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(uri: &str) -> String {
        match MongoTarget::new(uri, "up") {
            Ok(target) => target.name,
            Err(error) => error.message,
        }
    }

    #[test]
    fn a_target_is_named_by_hosts_and_database_only() {
        let check = |uri, expected: &str| assert_eq!(named(uri), expected, "{uri}");
        check("mongodb://localhost", "MongoDB localhost/up");
        check(
            "mongodb://me:pa%40ss@a:1,b:2/admin?w=1",
            "MongoDB a:1,b:2/up",
        );
        check(
            "mongodb+srv://me:pass@db.example.org/?tls=true",
            "MongoDB db.example.org/up",
        );
        check("mongodb://[::1]:27017", "MongoDB [::1]:27017/up");
    }

    #[test]
    fn a_wrong_uri_is_never_repeated() {
        for uri in [
            "",
            "localhost",
            "http://secret.example.org",
            "mongodb://me:secret/word@localhost",
            "mongodb://me:12/secret@localhost",
            "mongodb://me:12?secret=1@localhost",
            "mongodb://me:sec ret@localhost",
            "mongodb://a:secret",
        ] {
            let told = named(uri);
            assert!(!told.contains("secret"), "{uri}: {told}");
        }
    }

    #[test]
    fn no_error_repeats_the_credentials() {
        let uri = "mongodb://monitor:hunt%65r2@h/?tlsCertificateKeyFilePassword=pass8word";
        for said in [
            "cannot log in as monitor",
            "hunt%65r2 and hunter2 are refused",
            "the key of pass8word cannot be read",
            "cannot reach mongodb://monitor:other@h/?x=hunter",
        ] {
            let told = without_credentials(said, uri);
            for secret in ["monitor", "hunt", "pass8word", "other"] {
                assert!(!told.contains(secret), "{said}: {told}");
            }
        }
        let target = MongoTarget::new("mongodb://me:hunter2@h", "up").expect("a target");
        let told = |said: &str| {
            let error = std::io::Error::other(said.to_owned());
            target.error(&mongodb::error::Error::from(error)).message
        };
        assert!(!told("hunter2 is refused").contains("hunter2"));
        assert!(told("reset by peer").contains("reset by peer"));
    }

    #[test]
    fn writes_must_be_acknowledged() {
        let check = |uri, expected: &str| assert_eq!(named(uri), expected, "{uri}");
        check("mongodb://a/?w=0", UNACKNOWLEDGED);
        check("mongodb://a/?journal=true&w=0", UNACKNOWLEDGED);
        check("mongodb://a/?w=1", "MongoDB a/up");
        check("mongodb://a/?w=majority", "MongoDB a/up");
    }

    #[test]
    fn the_same_target_has_the_same_key() {
        let key =
            |uri: &str, database: &str| MongoTarget::new(uri, database).expect("a target").key;
        let one = key("mongodb://a,b:27017", "up");
        assert_eq!(one, key("mongodb://me:pass@B,A:27017/?w=1", "up"));
        assert_ne!(one, key("mongodb://a,b", "other"));
        assert_ne!(one, key("mongodb://a,c", "up"));
    }

    #[test]
    fn names_that_no_database_can_have() {
        let check = |name: &str, ok: bool| {
            assert_eq!(
                MongoTarget::new("mongodb://a", name).is_ok(),
                ok,
                "{name:?}"
            );
        };
        check("up", true);
        check("up-2", true);
        check("", false);
        check("a.b", false);
        check("a b", false);
        check(&"x".repeat(64), false);
    }
}
