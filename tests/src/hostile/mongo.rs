//! A MongoDB that misbehaves: it speaks the wire protocol, and answers each command as a test says.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bson::{Document, RawArrayBuf, RawDocumentBuf, doc, rawdoc};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::{AbortHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use super::{ScriptEnd, ServerScript, ServerStep, play};

const HEADER: usize = 16;
const OP_MSG: i32 = 2013;

/// A server whose answers are made by a closure, as a document or as arbitrary bytes. When it is
/// dropped, it closes all connections.
#[derive(Debug)]
pub struct HostileMongo {
    address: SocketAddr,
    accepting: AbortHandle,
}

impl HostileMongo {
    /// Starts it without TLS.
    pub async fn start(answer: impl Fn(&Document) -> ServerScript + Send + Sync + 'static) -> Self {
        Self::listen(None, Arc::new(answer)).await
    }

    /// Starts it with TLS.
    pub async fn secure(
        tls: TlsAcceptor,
        answer: impl Fn(&Document) -> ServerScript + Send + Sync + 'static,
    ) -> Self {
        Self::listen(Some(tls), Arc::new(answer)).await
    }

    async fn listen(tls: Option<TlsAcceptor>, answer: Arc<MongoAnswer>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a free loopback port");
        let address = listener.local_addr().expect("a bound socket's address");
        let accepting = tokio::spawn(async move {
            let mut serving = JoinSet::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let (tls, answer) = (tls.clone(), Arc::clone(&answer));
                serving.spawn(async move {
                    match tls {
                        None => serve(&mut stream, &*answer).await,
                        Some(tls) => {
                            // Some tests refuse the handshake on purpose.
                            if let Ok(mut stream) = tls.accept(stream).await {
                                serve(&mut stream, &*answer).await;
                            }
                        }
                    }
                });
            }
        });
        Self {
            address,
            accepting: accepting.abort_handle(),
        }
    }

    /// The address, as `127.0.0.1:PORT`.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// The connection string.
    pub fn uri(&self) -> String {
        format!("mongodb://{}", self.address)
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }
}

impl Drop for HostileMongo {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

type MongoAnswer = dyn Fn(&Document) -> ServerScript + Send + Sync;

async fn serve(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), answer: &MongoAnswer) {
    while let Some(command) = command(stream).await {
        if play_on(stream, answer(&command)).await == ScriptEnd::Reset {
            return;
        }
    }
}

/// Plays a script without closing at its end.
async fn play_on(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    script: ServerScript,
) -> ScriptEnd {
    use tokio::io::AsyncWriteExt as _;
    for step in script {
        match step {
            ServerStep::Send(bytes) => {
                if stream.write_all(&bytes).await.is_err() {
                    return ScriptEnd::Reset;
                }
            }
            ServerStep::Reset => return ScriptEnd::Reset,
            other => {
                play(stream, vec![other]).await;
                return ScriptEnd::Reset;
            }
        }
    }
    // The next read notices that a client is gone.
    let _ = stream.flush().await;
    ScriptEnd::Close
}

/// The document of the next command. `None` if no more comes.
async fn command(stream: &mut (impl AsyncRead + Unpin)) -> Option<Document> {
    let mut header = [0; HEADER];
    stream.read_exact(&mut header).await.ok()?;
    let length = i32::from_le_bytes(*header.first_chunk()?);
    let mut body = vec![0; usize::try_from(length).ok()?.checked_sub(HEADER)?];
    stream.read_exact(&mut body).await.ok()?;
    // The flags, the kind of the section, and the document, which begins with its length.
    let document = body.get(5..)?;
    let length = u32::from_le_bytes(*document.first_chunk()?) as usize;
    bson::deserialize_from_slice(document.get(..length)?).ok()
}

/// The answer of a standalone server to `hello`.
pub fn hello() -> Document {
    doc! {
        "helloOk": true, "isWritablePrimary": true, "ismaster": true, "ok": 1.0,
        "maxBsonObjectSize": 16_777_216, "maxMessageSizeBytes": 48_000_000,
        "maxWriteBatchSize": 100_000, "minWireVersion": 0, "maxWireVersion": 17,
    }
}

/// True if the command is a greeting (`hello`).
pub fn greets(command: &Document) -> bool {
    ["hello", "isMaster", "ismaster"].contains(&name(command))
}

/// The name of a command.
pub fn name(command: &Document) -> &str {
    command.keys().next().map_or("", String::as_str)
}

/// The step that sends a document as an answer.
pub fn reply(document: &Document) -> ServerStep {
    let document = bson::serialize_to_vec(document).expect("the test's own document");
    raw_reply(&document)
}

/// The step that sends the bytes of a document as an answer.
pub fn raw_reply(document: &[u8]) -> ServerStep {
    let mut body = vec![0; 5];
    body.extend(document);
    let length = i32::try_from(HEADER + body.len()).expect("a test's answer is small");
    let mut message = header(length, OP_MSG);
    message.extend(body);
    ServerStep::Send(message.into())
}

/// The header of a message with that announced length.
pub fn header(length: i32, kind: i32) -> Vec<u8> {
    [length, 1, 0, kind]
        .into_iter()
        .flat_map(i32::to_le_bytes)
        .collect()
}

/// A batch of a cursor with as many copies of `document` as fill about `bytes`. The cursor never
/// ends.
pub fn batch(command: &Document, document: &RawDocumentBuf, bytes: usize) -> ServerStep {
    let count = bytes / (document.as_bytes().len() + 8);
    let mut list = RawArrayBuf::new();
    for _ in 0..count {
        list.push(document.clone());
    }
    let namespace = "up.statuses";
    let cursor = if name(command) == "getMore" {
        rawdoc! { "id": 7_i64, "ns": namespace, "nextBatch": list }
    } else {
        rawdoc! { "id": 7_i64, "ns": namespace, "firstBatch": list }
    };
    raw_reply(rawdoc! { "cursor": cursor, "ok": 1.0 }.as_bytes())
}
