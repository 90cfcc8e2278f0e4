//! A loopback STS and OIDC issuer.
