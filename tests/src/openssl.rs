//! Certificates made by OpenSSL: old ones, and kinds that rcgen cannot make.

use std::path::Path;
use std::process::Command;

use crate::daemon::program;

/// A certificate and its key, as PEM.
#[derive(Clone, Debug)]
pub struct Made {
    /// The certificate.
    pub certificate: String,
    /// The key.
    pub key: String,
}

/// A description of a certificate.
#[derive(Clone, Debug)]
pub struct CertificateRequest<'a> {
    /// The key, as arguments of `openssl genpkey`.
    pub key: &'a [&'a str],
    /// The common name, which is the whole subject.
    pub name: &'a str,
    /// The extensions, one a line. Without them the certificate is of X.509 version 1.
    pub extensions: Option<&'a str>,
    /// The days of validity. A certificate with negative days has expired.
    pub days: i32,
    /// The hash for the signature. `None` for Edwards curves, which have their own.
    pub hash: Option<&'a str>,
}

/// RSA with 2048 bits, which everything can verify.
pub const RSA_2048: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
/// RSA with 1024 bits, which is too weak for most.
pub const RSA_1024: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"];
/// ECDSA over P-256.
pub const P256: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
/// ECDSA over P-521.
pub const P521: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"];
/// Ed448, the larger of the Edwards curves.
pub const ED448: &[&str] = &["-algorithm", "ED448"];

impl CertificateRequest<'_> {
    /// A certificate of version 1 over P-256 for 127.0.0.1, valid for a year.
    pub const PLAIN: Self = Self {
        key: P256,
        name: "127.0.0.1",
        extensions: None,
        days: 365,
        hash: Some("-sha256"),
    };

    /// Makes it, signed with its own key.
    pub fn self_signed(&self) -> Made {
        self.make(None)
    }

    /// Makes it, signed with the key of `authority`.
    pub fn signed_by(&self, authority: &Made) -> Made {
        self.make(Some(authority))
    }

    fn make(&self, authority: Option<&Made>) -> Made {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let dir = dir.path();
        let subject = format!("/O=Up Tests/CN={}", self.name);
        let key = [&["genpkey", "-out", "own.key"], self.key].concat();
        openssl(dir, &key);
        openssl(
            dir,
            &[
                "req", "-new", "-key", "own.key", "-subj", &subject, "-out", "own.csr",
            ],
        );
        let days = self.days.to_string();
        let mut sign = vec![
            "x509",
            "-req",
            "-in",
            "own.csr",
            "-out",
            "own.pem",
            "-days",
            &days,
            "-set_serial",
            "7",
        ];
        match authority {
            None => sign.extend(["-signkey", "own.key"]),
            Some(authority) => {
                write(dir, "ca.pem", &authority.certificate);
                write(dir, "ca.key", &authority.key);
                sign.extend(["-CA", "ca.pem", "-CAkey", "ca.key"]);
            }
        }
        if let Some(extensions) = self.extensions {
            write(dir, "extensions", extensions);
            sign.extend(["-extfile", "extensions"]);
        }
        sign.extend(self.hash);
        openssl(dir, &sign);
        let read = |name: &str| std::fs::read_to_string(dir.join(name)).expect("it was just made");
        Made {
            certificate: read("own.pem"),
            key: read("own.key"),
        }
    }
}

impl Made {
    /// The certificate and the key, in the form of [`crate::s_server::SServer`].
    pub fn pair(&self) -> (String, String) {
        (self.certificate.clone(), self.key.clone())
    }
}

fn openssl(dir: &Path, arguments: &[&str]) {
    let mut command = Command::new(program("openssl", &["/usr/bin/openssl"]));
    let output = command.current_dir(dir).args(arguments).output();
    let output = output.expect("openssl can be started");
    assert!(output.status.success(), "{arguments:?}: {output:?}");
}

fn write(dir: &Path, name: &str, text: &str) {
    std::fs::write(dir.join(name), text).expect("a file in the new directory");
}
