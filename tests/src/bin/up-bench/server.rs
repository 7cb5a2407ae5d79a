//! The server of the benchmark: plain hyper in a process of its own, so that its cost is not
//! counted. `/` answers at once, `/slow` after 100 ms, and `/connections` with the number of
//! accepted connections. It speaks TLS if it is given a certificate.

use std::convert::Infallible;
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpSocket;
use tokio_rustls::TlsAcceptor;

use crate::measure::own_program;

/// The number of connections that this process has accepted.
static ACCEPTED: AtomicU64 = AtomicU64::new(0);

/// A running server. It is killed when it is dropped.
pub(crate) struct BenchServer {
    child: Child,
    pub(crate) address: String,
}

impl BenchServer {
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// Starts a server that speaks TLS, with the key and certificate of that PEM file.
    pub(crate) fn secure(pem: &str) -> Self {
        Self::with(&[pem])
    }

    fn with(arguments: &[&str]) -> Self {
        let mut child = Command::new(own_program())
            .arg("server")
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the benchmark can start itself");
        let mut line = String::new();
        let out = child.stdout.take().expect("a pipe was asked for");
        BufReader::new(out)
            .read_line(&mut line)
            .expect("the server says its address");
        Self {
            child,
            address: line.trim().to_owned(),
        }
    }

    /// The number of connections that the server has accepted, including that of this request.
    pub(crate) fn connections(&self) -> u64 {
        let mut stream = TcpStream::connect(&self.address).expect("the server takes connections");
        let request = "GET /connections HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        let body = answer.rsplit("\r\n").next().unwrap_or_default();
        body.parse().expect("a number")
    }
}

impl Drop for BenchServer {
    fn drop(&mut self) {
        // Nothing is left to do if this fails.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs the server's own process: `server [PEM]`.
pub(crate) fn child(args: &[String]) -> ExitCode {
    let tls = args.first().map(|pem| acceptor(Path::new(pem)));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket
            .bind("127.0.0.1:0".parse().expect("an address"))
            .expect("a free port");
        let listener = socket.listen(16_384).expect("a listener");
        println!("{}", listener.local_addr().expect("an address"));
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                continue;
            };
            ACCEPTED.fetch_add(1, Ordering::Relaxed);
            let tls = tls.clone();
            // Failures of a client are ignored.
            tokio::spawn(async move {
                match tls {
                    None => serve(stream).await,
                    Some(tls) => {
                        if let Ok(stream) = tls.accept(stream).await {
                            serve(stream).await;
                        }
                    }
                }
            });
        }
    })
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin) {
    let serve = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service_fn(answer));
    let _ = serve.await;
}

fn acceptor(pem: &Path) -> TlsAcceptor {
    let key = PrivateKeyDer::from_pem_file(pem).expect("a key");
    let certificates = CertificateDer::pem_file_iter(pem).expect("a PEM file");
    let certificates = certificates
        .map(|one| one.expect("a certificate"))
        .collect();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider speaks TLS 1.2 and 1.3")
        .with_no_client_auth()
        .with_single_cert(certificates, key);
    TlsAcceptor::from(Arc::new(config.expect("a certificate and its key")))
}

async fn answer(
    request: Request<hyper::body::Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let text = match request.uri().path() {
        "/slow" => {
            tokio::time::sleep(Duration::from_millis(100)).await;
            "ok".into()
        }
        "/connections" => ACCEPTED.load(Ordering::Relaxed).to_string(),
        _ => "ok".into(),
    };
    Ok(Response::new(Full::from(text)))
}
