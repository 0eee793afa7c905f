//! Whose certificates are trusted: what the system trusts, read from its bundle.
//!
//! Left to itself the HTTP client reads the bundle and then every file of the directory that holds it, most of which are
//! in the bundle: a third of a function's start.

use std::fs;
use std::path::Path;

use aws_smithy_http_client::tls::TrustStore;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use webpki::anchor_from_trusted_cert;

use crate::environment::Environment;

/// Where systems keep the bundle: Amazon Linux and Red Hat (`update-ca-trust`), Debian and Alpine
/// (`update-ca-certificates`).
const BUNDLES: [&str; 2] = ["/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/certs/ca-certificates.crt"];

/// By these somebody says what is trusted instead, as with OpenSSL; the HTTP client obeys them.
const SAID: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// The system's bundle, or whatever the HTTP client finds where there is none or it holds something odd: of a bundle that
/// it is given it does not forgive a single certificate.
pub(super) fn trusted(environment: &Environment) -> TrustStore {
    if SAID.iter().any(|name| environment.variable(name).is_some()) {
        return TrustStore::default();
    }
    let sound = BUNDLES.iter().find_map(|bundle| sound(Path::new(bundle)));
    sound.map_or_else(TrustStore::default, |bundle| TrustStore::empty().with_pem_certificate(bundle))
}

/// A bundle whose every certificate can be trusted.
fn sound(bundle: &Path) -> Option<Vec<u8>> {
    let bundle = fs::read(bundle).ok()?;
    let mut certificates = 0_u32;
    for certificate in CertificateDer::pem_slice_iter(&bundle) {
        anchor_from_trusted_cert(&certificate.ok()?).ok()?;
        certificates += 1;
    }
    (certificates > 0).then_some(bundle)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Amazon Root CA 3, which anybody may download from Amazon Trust Services.
    const AMAZON: &str = "-----BEGIN CERTIFICATE-----
MIIBtjCCAVugAwIBAgITBmyf1XSXNmY/Owua2eiedgPySjAKBggqhkjOPQQDAjA5
MQswCQYDVQQGEwJVUzEPMA0GA1UEChMGQW1hem9uMRkwFwYDVQQDExBBbWF6b24g
Um9vdCBDQSAzMB4XDTE1MDUyNjAwMDAwMFoXDTQwMDUyNjAwMDAwMFowOTELMAkG
A1UEBhMCVVMxDzANBgNVBAoTBkFtYXpvbjEZMBcGA1UEAxMQQW1hem9uIFJvb3Qg
Q0EgMzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABCmXp8ZBf8ANm+gBG1bG8lKl
ui2yEujSLtf6ycXYqm0fc4E7O5hrOXwzpcVOho6AF2hiRVd9RFgdszflZwjrZt6j
QjBAMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgGGMB0GA1UdDgQWBBSr
ttvXBp43rDCGB5Fwx5zEGbF4wDAKBggqhkjOPQQDAgNJADBGAiEA4IWSoxe3jfkr
BqWTrBqYaGFy+uGh0PsceGCmQ5nFuMQCIQCcAu/xlJyzlvnrxir4tiz+OpAUFteM
YyRIHN8wfdVoOw==
-----END CERTIFICATE-----
";

    fn read(name: &str, text: &str) -> Option<Vec<u8>> {
        let path = std::env::temp_dir().join(format!("bailiff-{}-{name}", std::process::id()));
        fs::write(&path, text).unwrap();
        let read = sound(&path);
        fs::remove_file(&path).unwrap();
        read
    }

    #[test]
    fn a_bundle_is_taken_as_it_is() {
        let two = format!("# Amazon\n{AMAZON}\n{AMAZON}");
        assert_eq!(read("two", &two), Some(two.into_bytes()));
    }

    #[test]
    fn an_odd_one_is_left_to_who_forgives_it() {
        let odd = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
        assert_eq!(read("odd", &format!("{AMAZON}{odd}")), None);
        assert_eq!(read("broken", AMAZON.get(..400).unwrap()), None);
        assert_eq!(read("none", ""), None);
        assert_eq!(sound(Path::new("/nowhere")), None);
    }

    #[test]
    fn what_somebody_says_is_trusted_is_left_standing() {
        let said = |variable: &'static str| {
            Environment::new(move |name| (name == variable).then(|| "/mine.pem".to_owned()))
        };
        for variable in SAID {
            assert_eq!(format!("{:?}", trusted(&said(variable))), format!("{:?}", TrustStore::default()));
        }
    }
}
