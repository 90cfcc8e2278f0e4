//! rolehop: short-lived AWS credentials for CI jobs.
