//! TLS checks beside bare rustls handshakes, with the same server, authority and numbers.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use up_tests::hostile::tls::Authority;

use crate::measure::{self, own_program, pair, program};
use crate::server::BenchServer;
use crate::table::{FigureTable, median};

const ROUNDS: usize = 9;
const COUNT: usize = 1_000;
/// The number of concurrent checks that `up` allows by default.
const AT_ONCE: usize = 1_000;

pub(crate) fn run(table: &mut FigureTable) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let authority = Authority::new();
    let (certificate, key) = authority.pair(&["127.0.0.1"]);
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a file in the new folder");
        path.to_string_lossy().into_owned()
    };
    let ca = write("ca.pem", authority.pem());
    let server = BenchServer::secure(&write("server.pem", &format!("{key}{certificate}")));
    let (host, port) = server.address.rsplit_once(':').expect("an address");
    let mut text = "name = \"Bench\"\n".to_owned();
    for number in 0..COUNT {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "[[source]]\ntype = \"tls\"\nname = \"s{number}\"\nhost = \"{host}\"\nport = {port}\n\
             ca = \"ca.pem\"\n"
        );
    }
    let file = write("up.toml", &text);
    let (up, own) = (program("UP_BIN"), own_program());
    let (own, count, at_once) = (
        own.to_string_lossy(),
        COUNT.to_string(),
        AT_ONCE.to_string(),
    );
    let (ours, bare) = pair(
        ROUNDS,
        || measure::run(&[&up, "-c", &file], &[]),
        || {
            measure::run(
                &[&own, "handshakes", &server.address, &ca, &count, &at_once],
                &[],
            )
        },
    );
    let ratios = ours.iter().zip(&bare).map(|(a, b)| a.cpu / b.cpu).collect();
    let cpu =
        |runs: &[measure::ProcessRun]| 1_000.0 * median(runs.iter().map(|run| run.cpu).collect());
    let what = format!("up, {COUNT} TLS sources: CPU");
    table.note(&what, cpu(&ours), "ms");
    table.note(
        format!("{COUNT} bare rustls handshakes: CPU"),
        cpu(&bare),
        "ms",
    );
    table.must(
        format!("{what} / bare handshakes'"),
        median(ratios),
        "",
        1.5,
    );
}

/// Runs the bare client in a process of its own: `handshakes ADDRESS CA COUNT AT_ONCE`.
pub(crate) fn child(args: &[String]) -> ExitCode {
    let [address, ca, count, at_once] = args else {
        return ExitCode::from(2);
    };
    let number = |text: &String| text.parse::<usize>().expect("a number");
    let (count, at_once) = (number(count), number(at_once));
    let connector = TlsConnector::from(Arc::new(settings(Path::new(ca))));
    let name = ServerName::try_from("127.0.0.1").expect("an address is a name");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let good = runtime.expect("a runtime").block_on(async {
        let handshakes = stream::iter(0..count).map(async |_| {
            let stream = TcpStream::connect(address.as_str()).await.ok()?;
            let mut stream = connector.connect(name.clone(), stream).await.ok()?;
            // Closes in good order, as any client does.
            tokio::io::AsyncWriteExt::shutdown(&mut stream).await.ok()?;
            while stream
                .read(&mut [0; 1024])
                .await
                .is_ok_and(|count| count > 0)
            {}
            Some(())
        });
        let good = handshakes.buffer_unordered(at_once);
        good.filter(|done| std::future::ready(done.is_some()))
            .count()
            .await
    });
    ExitCode::from(u8::from(good != count))
}

fn settings(ca: &Path) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca).expect("a PEM file") {
        let added = roots.add(certificate.expect("a certificate"));
        added.expect("an authority's certificate");
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut settings = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider speaks TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    // Each handshake is a full one, as that of each check is.
    settings.resumption = rustls::client::Resumption::disabled();
    settings
}
