//! A way to a server that can be cut: silent as behind a broken cable, or shut as where the server is gone.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

#[derive(Clone, Copy, PartialEq)]
enum State {
    Open,
    Silent,
    Shut,
}

/// How it is, and how often it was cut: what went silent once stays so.
type Cut = (State, u32);

pub(super) struct Way {
    port: u16,
    state: Arc<watch::Sender<Cut>>,
}

impl Way {
    pub(super) async fn to(address: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap().port();
        let state = Arc::new(watch::Sender::new((State::Open, 0)));
        let states = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let state = states.subscribe();
                if state.borrow().0 == State::Shut {
                    continue;
                }
                let Ok(far) = TcpStream::connect(&address).await else { continue };
                let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
                tokio::spawn(carry(near_in, far_out, state.clone()));
                tokio::spawn(carry(far_in, near_out, state));
            }
        });
        Self { port: here, state }
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Nothing comes through any more, and nobody is told. Connections that are made now are as silent.
    pub(super) fn go_silent(&self) {
        self.state.send_modify(|cut| *cut = (State::Silent, cut.1 + 1));
    }

    /// New connections go through again; those from before stay silent.
    pub(super) fn speak_again(&self) {
        self.state.send_modify(|cut| cut.0 = State::Open);
    }

    /// All connections are closed, and new ones too.
    pub(super) fn shut(&self) {
        self.state.send_modify(|cut| *cut = (State::Shut, cut.1 + 1));
    }

    pub(super) fn open(&self) {
        self.state.send_modify(|cut| cut.0 = State::Open);
    }
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut state: watch::Receiver<Cut>) {
    let (begun, mut bytes) = (state.borrow().1, vec![0; 1 << 16]);
    loop {
        let (now, cut) = *state.borrow_and_update();
        if now == State::Shut {
            return;
        }
        if now == State::Silent || cut != begun {
            // It holds both ends, and says nothing.
            if state.changed().await.is_err() {
                return;
            }
            continue;
        }
        tokio::select! {
            changed = state.changed() => if changed.is_err() { return },
            read = from.read(&mut bytes) => match read {
                Ok(0) | Err(_) => return,
                Ok(length) => if to.write_all(&bytes[..length]).await.is_err() { return },
            },
        }
    }
}
