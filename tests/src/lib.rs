//! The harness of the suites: real and hostile servers. Each is started on the loopback by the test
//! that needs it, and ends with the test.

pub mod aloud;
pub mod check_source;
pub mod daemon;
pub mod desktop;
pub mod dns_server;
pub mod far_sides;
pub mod hook;
pub mod hostile;
pub mod keyring;
pub mod mongod;
pub mod network_link;
pub mod nginx;
pub mod openssl;
pub mod port;
pub mod portal;
pub mod postfix;
pub mod postgres;
pub mod privilege;
pub mod s_server;
pub mod screen;
pub mod screen_reader;
pub mod simulation;
pub mod snmp_agent;
pub mod snmpd;
pub mod starttls;
pub mod udp;
pub mod unbound;
pub mod up;
pub mod wayland;
pub use desktop::webdriver;
pub mod witness;
