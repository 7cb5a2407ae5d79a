//! The users of a mongod that asks for a password: `root` may do everything, `reader` may read all,
//! `sampler` may read samples only, and `writer` may read and write samples, but no rollups.

use bson::doc;
use mongodb::Client;
use up_tests::mongod::Mongod;

/// The users of one mongod that was started with `--auth`.
pub(crate) struct Users {
    host: String,
}

impl Users {
    /// Makes them.
    pub(crate) async fn make(mongod: &Mongod) -> Self {
        let users = Self {
            host: format!("127.0.0.1:{}", mongod.port()),
        };
        let open = format!("mongodb://{}", users.host);
        let client = Client::with_uri_str(open).await.expect("a client");
        let root = doc! { "createUser": "root", "pwd": "pass", "roles": ["root"] };
        let admin = client.database("admin");
        admin.run_command(root).await.expect("made");
        let client = Client::with_uri_str(users.uri("root")).await;
        let admin = client.expect("a client").database("admin");
        let on = |name: &str, actions: &[&str]| {
            doc! { "resource": { "db": "up", "collection": name }, "actions": actions }
        };
        let names = ["statuses", "unknowns", "annotations"];
        let reads: Vec<_> = names.map(|name| on(name, &["find"])).into();
        let allowed: Vec<_> = names.map(|name| on(name, &["find", "insert"])).into();
        for (role, rights) in [("samples", reads), ("allowed", allowed)] {
            let role = doc! { "createRole": role, "privileges": rights, "roles": [] };
            admin.run_command(role).await.expect("made");
        }
        let everything = doc! { "role": "read", "db": "up" };
        for (user, role) in [
            ("reader", everything),
            ("sampler", doc! { "role": "samples", "db": "admin" }),
            ("writer", doc! { "role": "allowed", "db": "admin" }),
        ] {
            let user = doc! { "createUser": user, "pwd": "pass", "roles": [role] };
            admin.run_command(user).await.expect("made");
        }
        users
    }

    /// The connection string of a user.
    pub(crate) fn uri(&self, user: &str) -> String {
        format!("mongodb://{user}:pass@{}/?authSource=admin", self.host)
    }
}
