//! Every way to a real server through the relay: by login, as a replica set, by a Unix socket.

use bson::{Document, doc};
use mongodb::Client;
use up_history::mongo::MongoStore;
use up_history::{Store, StoreError};
use up_tests::mongod::Mongod;

/// Inserts one document, as an administrator leaves it there.
async fn fill(mongod: &Mongod, commands: &[Document]) {
    let uri = format!("{}/?directConnection=true", mongod.uri());
    let client = Client::with_uri_str(uri).await.expect("a client");
    let admin = client.database("admin");
    for command in commands {
        admin
            .run_command(command.clone())
            .await
            .expect("it does that");
    }
    let sample = doc! { "path": "/a", "up": 1.0, "date": 1.0, "duration": 0.1 };
    let statuses = client.database("up").collection::<Document>("statuses");
    // A replica set takes a moment to elect its primary.
    for _ in 0..100 {
        if statuses.insert_one(sample.clone()).await.is_ok() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("nothing can be written");
}

async fn paths(uri: &str) -> Result<Vec<String>, StoreError> {
    let store = MongoStore::open(uri, "up").expect("a URI");
    store.paths().await
}

#[tokio::test]
async fn by_login() {
    let mongod = Mongod::start_with(&["--auth"]);
    // The first user may be created from this machine without a login.
    let user = doc! { "createUser": "me", "pwd": "a secret", "roles": ["root"] };
    let client = Client::with_uri_str(mongod.uri()).await.expect("a client");
    let admin = client.database("admin");
    admin.run_command(user).await.expect("a user");
    let check = async |login: &str, mechanism: &str, expected: Result<(), &str>| {
        let host = format!("127.0.0.1:{}", mongod.port());
        let uri = format!("mongodb://{login}{host}/?authSource=admin{mechanism}");
        let found = paths(&uri).await;
        match expected {
            Ok(()) => assert_eq!(found.expect("let in"), [""; 0], "{login}"),
            Err(said) => {
                let error = found.expect_err("not let in").to_string();
                assert!(error.contains(said), "{login}: {error}");
            }
        }
    };
    check("me:a%20secret@", "", Ok(())).await;
    check("me:a%20secret@", "&authMechanism=SCRAM-SHA-1", Ok(())).await;
    check("me:wrong@", "", Err("the user or the password is refused")).await;
    check("", "", Err("not permitted")).await;
}

#[tokio::test]
async fn as_a_set_that_names_its_members() {
    let mongod = Mongod::start_with(&["--replSet", "rs"]);
    let host = format!("127.0.0.1:{}", mongod.port());
    let set = doc! { "_id": "rs", "members": [{ "_id": 0, "host": &host }] };
    fill(&mongod, &[doc! { "replSetInitiate": set }]).await;
    // Another name for the same host. The name that the set itself uses is found through it.
    let uri = format!("mongodb://localhost:{}/?replicaSet=rs", mongod.port());
    assert_eq!(paths(&uri).await.expect("it answers"), ["/a"]);
}

#[cfg(unix)]
#[tokio::test]
async fn by_a_socket_of_the_file_system() {
    let mongod = Mongod::start();
    fill(&mongod, &[]).await;
    let dir = tempfile::tempdir().expect("a folder");
    let socket = dir.path().join("mongodb.sock");
    let listener = tokio::net::UnixListener::bind(&socket).expect("a socket");
    let port = mongod.port();
    let carrying = tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            tokio::spawn(async move {
                let far = tokio::net::TcpStream::connect(("127.0.0.1", port)).await;
                let mut far = far.expect("mongod is there");
                // The connection ends when either side closes it.
                let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            });
        }
    });
    let path = socket.display().to_string().replace('/', "%2F");
    assert_eq!(
        paths(&format!("mongodb://{path}"))
            .await
            .expect("it answers"),
        ["/a"]
    );
    carrying.abort();
}
