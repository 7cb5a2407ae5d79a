//! A receiver of webhooks.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use crate::daemon::PATIENCE;

/// A request that the receiver got.
#[derive(Debug)]
pub struct Post {
    /// The headers, with lower-case names.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: String,
    /// When it was read to its end.
    pub arrived: Instant,
}

/// A receiver that answers with these statuses in turn, and then with 204. For an empty status it
/// sends no answer.
#[derive(Debug)]
pub struct Hook {
    port: u16,
    posts: Receiver<Post>,
}

impl Hook {
    /// Starts a receiver.
    pub fn start(answers: &[&'static str]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let (told, posts) = channel();
        let answers = answers.to_vec();
        let mut answers = answers.into_iter();
        // The thread ends with the process of the test, as it waits for nothing else.
        std::thread::spawn(move || {
            let mut open = Vec::new();
            for stream in listener.incoming().map_while(Result::ok) {
                let answer = answers.next().unwrap_or("204 No Content");
                take(&stream, answer, &told);
                if answer.is_empty() {
                    open.push(stream);
                }
            }
        });
        Self { port, posts }
    }

    /// The URL. Its path is a secret.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook/s3cr3t", self.port)
    }

    /// Waits for the next request.
    pub fn next(&self) -> Post {
        self.posts.recv_timeout(PATIENCE).expect("a post")
    }

    /// The next request, if it comes within that time.
    pub fn next_within(&self, patience: Duration) -> Option<Post> {
        self.posts.recv_timeout(patience).ok()
    }

    /// All requests that came and were not returned yet.
    pub fn rest(&self) -> Vec<Post> {
        self.posts.try_iter().collect()
    }
}

fn take(stream: &TcpStream, answer: &str, told: &Sender<Post>) {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        if line.trim().is_empty() {
            break;
        }
        lines.push(line);
    }
    let headers: BTreeMap<_, _> = lines
        .iter()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers
        .get("content-length")
        .map_or(0, |n| n.parse().expect("a number"));
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() {
        // The sender was killed while it sent.
        return;
    }
    let arrived = Instant::now();
    let is_silent = answer.is_empty();
    let answer = format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    // The sender may be gone.
    let mut stream = stream;
    if !is_silent {
        let _ = stream.write_all(answer.as_bytes());
    }
    let _ = told.send(Post {
        headers,
        body: String::from_utf8(body).expect("UTF-8"),
        arrived,
    });
}
