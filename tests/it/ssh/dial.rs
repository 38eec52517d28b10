//! Connections that the host makes on our behalf.

use std::net::SocketAddr;

use bowline::node::NodeError;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::sshd::Sshd;

/// Answers each connection with what came, once that has ended.
async fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut text = Vec::new();
                stream.read_to_end(&mut text).await.unwrap();
                stream.write_all(&text).await.unwrap();
            });
        }
    });
    address
}

#[tokio::test]
async fn many_connections_share_one_and_each_ends_by_itself() {
    let Some(sshd) = Sshd::start() else { return };
    let (node, address) = (sshd.node(), echo().await);
    let one = |n: u8| {
        let node = std::sync::Arc::clone(&node);
        async move {
            let mut pipe = node.dial(address).await.unwrap();
            let sent = vec![n; 200_000];
            pipe.write_all(&sent).await.unwrap();
            pipe.shutdown().await.unwrap();
            let mut heard = Vec::new();
            pipe.read_to_end(&mut heard).await.unwrap();
            assert!(heard == sent, "{n}: {} bytes", heard.len());
        }
    };
    let all: Vec<_> = (0..40).map(|n| tokio::spawn(one(n))).collect();
    for done in all {
        done.await.unwrap();
    }
}

#[tokio::test]
async fn an_address_where_nobody_answers_is_said() {
    let Some(sshd) = Sshd::start() else { return };
    let node = sshd.node();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let Err(error) = node.dial(address).await else { panic!("somebody answered") };
    assert!(matches!(&error, NodeError::Dial { to, .. } if *to == address), "{error}");
    // The connection to the host is none the worse for it.
    super::ping(&*node).await.unwrap();
}
