//! A real nginx on a free port, with a prefix and configuration of its own.

use std::path::Path;
use std::process::Command;

use rustix::process::Signal;
use tempfile::TempDir;

use crate::daemon::{Daemon, program};
use crate::port::Port;

/// An nginx. When it is dropped, it is killed and its files are removed.
///
/// | path | answers |
/// | --- | --- |
/// | `/ok`, `/` | 200, a short text |
/// | `/204` | 204, no body |
/// | `/404`, `/500`, `/503` | that status |
/// | `/redirect` | 302 to `/ok`; `/redirect-loop` to itself, `/redirect-404` to `/404` |
/// | `/gzip` | 200, some text, compressed for who takes gzip |
/// | `/connection` | 200, the number of this request on its connection |
/// | `/files/NAME` | what [`Nginx::put`] has put there |
#[derive(Debug)]
pub struct Nginx {
    // The first field, so that the process ends before its directory is removed.
    daemon: Daemon,
    port: Port,
    dir: TempDir,
}

impl Nginx {
    /// Starts one, and waits until it accepts connections.
    pub fn start() -> Self {
        Self::start_with("", "", &[])
    }

    /// Starts one that speaks TLS with those directives of `server`, which refer to these files by
    /// name.
    pub fn secure(directives: &str, files: &[(&str, &str)]) -> Self {
        Self::start_with("ssl", directives, files)
    }

    fn start_with(listen: &str, directives: &str, files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let port = Port::claim();
        let write = |name: &str, text: &str| {
            std::fs::write(dir.path().join(name), text).expect("a file in the new directory");
        };
        std::fs::create_dir(dir.path().join("files")).expect("a folder in the new directory");
        let address = format!("{} {listen}", port.address());
        write("nginx.conf", &configuration(&address, directives));
        for (name, text) in files {
            write(name, text);
        }
        write(
            "gzip",
            &"All work and no play makes Jack a dull boy.\n".repeat(100),
        );
        let daemon = spawn(dir.path(), &port);
        Self { daemon, port, dir }
    }

    /// The `http` URL of `path`, which begins with `/`.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port.number())
    }

    /// The `https` URL of `path`.
    pub fn https(&self, path: &str) -> String {
        format!("https://127.0.0.1:{}{path}", self.port.number())
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// Stores a file at `/files/NAME`.
    pub fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        let file = self.dir.path().join("files").join(name);
        std::fs::write(file, content).expect("a file in nginx's folder");
    }

    /// Ends the process (SIGQUIT), and returns when the port refuses connections.
    pub fn stop(&mut self) {
        self.daemon.stop(Signal::QUIT);
    }

    /// Restarts it on the same port with the same files.
    pub fn start_again(&mut self) {
        assert!(!self.daemon.is_running(), "nginx is still running");
        self.daemon = spawn(self.dir.path(), &self.port);
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

fn spawn(dir: &Path, port: &Port) -> Daemon {
    let mut command = Command::new(program("nginx", &["/usr/sbin/nginx"]));
    command
        .args(["-e", "stderr", "-c", "nginx.conf", "-p"])
        .arg(dir);
    let mut daemon = Daemon::spawn("nginx", &mut command, dir);
    daemon.wait_for_tcp(port.address());
    daemon
}

/// The configuration. nginx runs as one process, whose id is all that has to be stopped, and all
/// paths are below the prefix.
fn configuration(address: &str, directives: &str) -> String {
    format!(
        r#"
daemon off;
master_process off;
pid nginx.pid;
error_log stderr warn;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path tmp;
    proxy_temp_path tmp;
    fastcgi_temp_path tmp;
    uwsgi_temp_path tmp;
    scgi_temp_path tmp;
    default_type text/plain;
    server {{
        listen {address} backlog=4096;
        {directives}
        location / {{ return 200 "up\n"; }}
        location = /connection {{ return 200 "request $connection_requests\n"; }}
        location = /204 {{ return 204; }}
        location = /404 {{ return 404; }}
        location = /500 {{ return 500; }}
        location = /503 {{ return 503; }}
        location = /redirect {{ return 302 /ok; }}
        location = /redirect-loop {{ return 302 /redirect-loop; }}
        location = /redirect-404 {{ return 302 /404; }}
        location = /gzip {{ root .; gzip on; gzip_types *; gzip_min_length 1; }}
        location /files/ {{ root .; }}
    }}
}}
"#
    )
}
