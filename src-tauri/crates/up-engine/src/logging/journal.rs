//! The log in the journal of systemd, by its native protocol: each line with its level (`PRIORITY`)
//! and its values as fields (`UP_PATH` and the like), so that `journalctl` filters by them.

use std::fmt::{Debug, Write as _};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer};

/// Where journald listens.
pub(super) const SOCKET: &str = "/run/systemd/journal/socket";
/// How long a line waits for a journal whose queue is full. The lines after it do not wait until one
/// gets through.
const TIMEOUT: Duration = Duration::from_millis(100);
/// The longest value of a field, in bytes. A line has few of them, so that it fits into a datagram.
const LONGEST: usize = 8 * 1024;

/// A layer that sends each line to the journal.
pub(super) struct JournalLayer {
    socket: UnixDatagram,
    path: PathBuf,
    is_full: AtomicBool,
}

/// True if standard error leads to the journal, as `$JOURNAL_STREAM` says of it.
pub(super) fn is_stderr() -> bool {
    let named = std::env::var("JOURNAL_STREAM").unwrap_or_default();
    let Ok(stat) = rustix::fs::fstat(io::stderr().as_fd()) else {
        return false;
    };
    is_stream(&named, stat.st_dev, stat.st_ino)
}

/// True if the text names this device and inode, as `DEVICE:INODE`.
fn is_stream(named: &str, device: u64, inode: u64) -> bool {
    let named = named.split_once(':');
    named.is_some_and(|(of, node)| of.parse() == Ok(device) && node.parse() == Ok(inode))
}

impl JournalLayer {
    pub(super) fn new(path: impl Into<PathBuf>) -> io::Result<Self> {
        let (socket, path) = (UnixDatagram::unbound()?, path.into());
        socket.set_write_timeout(Some(TIMEOUT))?;
        // journald ignores an empty message; the error of sending it says that nobody listens.
        socket.send_to(&[], &path)?;
        let is_full = AtomicBool::new(false);
        Ok(Self {
            socket,
            path,
            is_full,
        })
    }

    fn send(&self, message: &[u8]) {
        let was_full = self.is_full.load(Ordering::Relaxed);
        let sent = self.socket.send_to(message, &self.path);
        let is_full = matches!(&sent, Err(error) if error.kind() == io::ErrorKind::WouldBlock);
        // A line that the journal does not take is lost: the watch goes on.
        if is_full != was_full && self.socket.set_nonblocking(is_full).is_ok() {
            self.is_full.store(is_full, Ordering::Relaxed);
        }
    }
}

impl<S: Subscriber> Layer<S> for JournalLayer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = JournalLine::default();
        event.record(&mut line);
        let metadata = event.metadata();
        self.send(&line.message(*metadata.level(), metadata.target()));
    }
}

/// The values of a line.
#[derive(Default)]
struct JournalLine {
    text: String,
    fields: Vec<(&'static str, String)>,
}

impl JournalLine {
    /// The line in the format of the native protocol. Its text names the values too, because
    /// `journalctl` shows only the text unless it is asked for more.
    fn message(mut self, level: Level, target: &str) -> Vec<u8> {
        for (name, value) in &self.fields {
            // Writing to a string does not fail.
            let _ = write!(self.text, " {name}={value}");
        }
        let mut message = Vec::new();
        put(&mut message, "MESSAGE", &self.text);
        put(&mut message, "PRIORITY", priority(level));
        put(&mut message, "SYSLOG_IDENTIFIER", "up");
        put(&mut message, "TARGET", target);
        for (name, value) in &self.fields {
            put(&mut message, &format!("UP_{}", name.to_uppercase()), value);
        }
        message
    }

    fn add(&mut self, field: &Field, value: String) {
        match field.name() {
            "message" => self.text.insert_str(0, &value),
            name => self.fields.push((name, value)),
        }
    }
}

impl Visit for JournalLine {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.add(field, format!("{value:?}"));
    }
}

/// The level in the words of syslog. A verdict or a notice is worth more than what debugging is for.
fn priority(level: Level) -> &'static str {
    match level {
        Level::ERROR => "3",
        Level::WARN => "4",
        Level::INFO => "6",
        Level::DEBUG | Level::TRACE => "7",
    }
}

/// Adds a field. The length stands before the value, which may have line breaks.
fn put(message: &mut Vec<u8>, name: &str, value: &str) {
    let value = &value[..value.floor_char_boundary(LONGEST)];
    message.extend_from_slice(name.as_bytes());
    message.push(b'\n');
    message.extend_from_slice(&(value.len() as u64).to_le_bytes());
    message.extend_from_slice(value.as_bytes());
    message.push(b'\n');
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    fn fields(message: &[u8]) -> Vec<(String, String)> {
        let (mut rest, mut fields) = (message, Vec::new());
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let (name, after) = (&rest[..end], &rest[end + 1..]);
            let (length, after) = after.split_at(8);
            let length = u64::from_le_bytes(length.try_into().expect("eight bytes"));
            let (value, after) = after.split_at(usize::try_from(length).expect("short"));
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
            fields.push((text(name), text(value)));
            rest = after
                .strip_prefix(b"\n")
                .expect("a line break ends a field");
        }
        fields
    }

    #[test]
    fn a_line_has_its_level_and_values_as_fields() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let path = folder.path().join("socket");
        assert!(JournalLayer::new(&path).is_err(), "nobody listens");
        let journal = UnixDatagram::bind(&path).expect("a socket");
        let layer = JournalLayer::new(&path).expect("journald listens");
        let mut message = vec![0; 64 * 1024];
        assert_eq!(journal.recv(&mut message).expect("a message"), 0);
        let subscriber = tracing_subscriber::registry().with(layer);
        let mut receive = || {
            let length = journal.recv(&mut message).expect("a message");
            fields(&message[..length])
        };
        tracing::subscriber::with_default(subscriber, || {
            tracing::warn!(path = "/Site/a\nb", count = 3, cause = ?Some("x"), "verdict");
            tracing::info!(text = "x".repeat(3 * LONGEST), "long");
        });
        let expected = [
            (
                "MESSAGE",
                "verdict path=/Site/a\nb count=3 cause=Some(\"x\")",
            ),
            ("PRIORITY", "4"),
            ("SYSLOG_IDENTIFIER", "up"),
            ("TARGET", "up_engine::logging::journal::tests"),
            ("UP_PATH", "/Site/a\nb"),
            ("UP_COUNT", "3"),
            ("UP_CAUSE", "Some(\"x\")"),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(receive(), expected);
        let long = receive();
        assert_eq!(long[1], ("PRIORITY".into(), "6".into()));
        assert!(long.iter().all(|(_, value)| value.len() <= LONGEST));
    }

    #[test]
    fn a_journal_that_does_not_read_delays_one_line_only() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let path = folder.path().join("socket");
        let journal = UnixDatagram::bind(&path).expect("a socket");
        let layer = JournalLayer::new(&path).expect("journald listens");
        while !layer.is_full.load(Ordering::Relaxed) {
            layer.send(b"MESSAGE=x\n");
        }
        let start = std::time::Instant::now();
        for _ in 0..1000 {
            layer.send(b"MESSAGE=x\n");
        }
        assert!(start.elapsed() < 100 * TIMEOUT, "the others do not wait");
        journal.set_nonblocking(true).expect("a socket");
        while journal.recv(&mut [0; 64]).is_ok() {}
        layer.send(b"MESSAGE=last\n");
        assert!(!layer.is_full.load(Ordering::Relaxed), "it reads again");
        assert_eq!(journal.recv(&mut [0; 64]).expect("a message"), 13);
    }

    #[test]
    fn the_stream_of_the_journal_is_known_by_its_device_and_inode() {
        let check = |named: &str, expected: bool| assert_eq!(is_stream(named, 8, 21), expected);
        check("8:21", true);
        for other in ["", "8", "8:", ":21", "8:22", "9:21", "8:21:1", "x:y"] {
            check(other, false);
        }
    }
}
