//! Whom we trust: Mozilla's roots, the files that the user names, and only then the system's store.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

/// A file of certificates that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {reason}")]
pub(crate) struct RootsError {
    pub(crate) path: String,
    pub(crate) reason: String,
}

pub(super) fn client_config(ca_files: &[PathBuf]) -> Result<ClientConfig, RootsError> {
    let provider = Arc::new(ring::default_provider());
    let mut roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    for file in ca_files {
        add_file(&mut roots, file)?;
    }
    let verifier = Verifier::new(roots, provider.clone());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has the cipher suites of TLS 1.2 and 1.3")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(config)
}

/// Whether a file has a certificate that can be trusted.
pub(crate) fn check_ca_file(file: &Path) -> Result<(), RootsError> {
    add_file(&mut RootCertStore::empty(), file)
}

fn add_file(roots: &mut RootCertStore, file: &Path) -> Result<(), RootsError> {
    let fail = |reason: String| RootsError {
        path: file.display().to_string(),
        reason,
    };
    let certificates =
        CertificateDer::pem_file_iter(file).map_err(|fault| fail(fault.to_string()))?;
    let mut found = 0_usize;
    for certificate in certificates {
        let certificate = certificate.map_err(|fault| fail(fault.to_string()))?;
        // One odd certificate in a company's bundle must not lose the others.
        found += usize::from(roots.add(certificate).is_ok());
    }
    if found == 0 {
        return Err(fail(
            "has no certificate that can be used (PEM, `BEGIN CERTIFICATE`)".to_owned(),
        ));
    }
    Ok(())
}

/// Tries the compiled-in roots first and reads the system's store only for an issuer that they do not know.
#[derive(Debug)]
struct Verifier {
    first: Arc<WebPkiServerVerifier>,
    system: OnceLock<Option<Arc<WebPkiServerVerifier>>>,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    fn new(roots: RootCertStore, provider: Arc<CryptoProvider>) -> Self {
        let first = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone())
            .build()
            .expect("Mozilla's roots are never empty");
        Self {
            first,
            system: OnceLock::new(),
            provider,
        }
    }

    fn system(&self) -> Option<&Arc<WebPkiServerVerifier>> {
        let load = || {
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), self.provider.clone())
                .build()
                .ok()
        };
        self.system.get_or_init(load).as_ref()
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verdict = self.first.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        match (&verdict, self.system_if_unknown(&verdict)) {
            (Err(_), Some(system)) => system.verify_server_cert(
                end_entity,
                intermediates,
                server_name,
                ocsp_response,
                now,
            ),
            _ => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.first.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.first.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.first.supported_verify_schemes()
    }
}

impl Verifier {
    fn system_if_unknown(
        &self,
        verdict: &Result<ServerCertVerified, Error>,
    ) -> Option<&Arc<WebPkiServerVerifier>> {
        match verdict {
            Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => self.system(),
            _ => None,
        }
    }
}
