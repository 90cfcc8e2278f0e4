//! The systems that speak GitHub's protocol, and those with the most users beside it.

use super::{GITHUB_TAGS, SHA, System};

macro_rules! github {
    ($title:literal, $($mark:literal),*) => {
        System {
            title: $title,
            variables: &[
                ("CI", "true"),
                $(($mark, "true"),)*
                ("GITHUB_ACTIONS", "true"),
                ("GITHUB_ACTION", "__run"),
                ("GITHUB_ACTOR", "octocat"),
                ("GITHUB_REF", "refs/heads/main"),
                ("GITHUB_REPOSITORY", "octo-org/octo-repo"),
                ("GITHUB_RUN_ATTEMPT", "2"),
                ("GITHUB_RUN_ID", "9876543210"),
                ("GITHUB_SHA", SHA),
                ("GITHUB_WORKFLOW", "deploy"),
            ],
            session: "GitHubActions",
            tags: GITHUB_TAGS,
            agent: "md/action#__run md/run_id#9876543210 md/attempt#2 ",
        }
    };
}

pub(super) const COMMON: &[System] = &[
    github!("GitHub Actions",),
    github!("Gitea Actions", "GITEA_ACTIONS"),
    github!("Forgejo Actions", "FORGEJO_ACTIONS", "GITEA_ACTIONS"),
    github!("act", "ACT"),
    System {
        title: "GitLab CI",
        variables: &[
            ("CI", "true"),
            ("GITLAB_CI", "true"),
            ("CI_COMMIT_BRANCH", "main"),
            ("CI_COMMIT_REF_NAME", "main"),
            ("CI_COMMIT_SHA", SHA),
            ("CI_ENVIRONMENT_NAME", "production"),
            ("CI_JOB_ID", "7777777777"),
            ("CI_JOB_NAME", "deploy [eu]"),
            (
                "CI_JOB_URL",
                "https://gitlab.com/octo-org/web/octo-repo/-/jobs/7777777777",
            ),
            ("CI_PIPELINE_ID", "1234567890"),
            ("CI_PIPELINE_SOURCE", "push"),
            ("CI_PROJECT_PATH", "octo-org/web/octo-repo"),
            ("GITLAB_USER_LOGIN", "octocat"),
            // A runner on a cluster.
            ("KUBERNETES_SERVICE_HOST", "10.0.0.1"),
        ],
        session: "octo-org-web-octo-repo-1234567890",
        tags: &[
            ("CI", "GitLab CI"),
            ("Repository", "octo-org/web/octo-repo"),
            ("Branch", "main"),
            ("Commit", SHA),
            ("Actor", "octocat"),
            ("Environment", "production"),
            ("EventName", "push"),
            ("Job", "deploy _eu_"),
            ("RunId", "1234567890"),
            (
                "JobUrl",
                "https://gitlab.com/octo-org/web/octo-repo/-/jobs/7777777777",
            ),
        ],
        agent: "md/ci#gitlab md/run_id#1234567890 md/job_id#7777777777 ",
    },
    System {
        title: "CircleCI",
        variables: &[
            ("CI", "true"),
            ("CIRCLECI", "true"),
            ("CIRCLE_BRANCH", "main"),
            ("CIRCLE_BUILD_NUM", "512"),
            (
                "CIRCLE_BUILD_URL",
                "https://circleci.com/gh/octo-org/octo-repo/512",
            ),
            ("CIRCLE_JOB", "deploy"),
            ("CIRCLE_PROJECT_REPONAME", "octo-repo"),
            ("CIRCLE_PROJECT_USERNAME", "octo-org"),
            ("CIRCLE_SHA1", SHA),
            ("CIRCLE_USERNAME", "octocat"),
            ("CIRCLE_WORKFLOW_ID", "0b0c9ee3-8e0e-4b6d-9a57-0d4b8a0e1f11"),
            (
                "CIRCLE_WORKFLOW_JOB_ID",
                "6f7d2a9c-51b4-4c0e-8a43-5a5c1fd9e2d2",
            ),
        ],
        session: "octo-org-octo-repo-512",
        tags: &[
            ("CI", "CircleCI"),
            ("Repository", "octo-org/octo-repo"),
            ("Job", "deploy"),
            ("JobUrl", "https://circleci.com/gh/octo-org/octo-repo/512"),
        ],
        agent: "md/ci#circleci md/run_id#512 md/job_id#6f7d2a9c-51b4-4c0e-8a43-5a5c1fd9e2d2 ",
    },
    System {
        title: "Buildkite",
        variables: &[
            ("CI", "true"),
            ("BUILDKITE", "true"),
            ("BUILDKITE_BRANCH", "main"),
            ("BUILDKITE_BUILD_CREATOR", "Mona Lisa"),
            ("BUILDKITE_BUILD_NUMBER", "1514"),
            (
                "BUILDKITE_BUILD_URL",
                "https://buildkite.com/octo-org/octo-pipeline/builds/1514",
            ),
            ("BUILDKITE_COMMIT", "HEAD"),
            ("BUILDKITE_COMMIT_RESOLVED", SHA),
            ("BUILDKITE_JOB_ID", "0190046e-e199-453b-a302-a21a4d649d31"),
            ("BUILDKITE_ORGANIZATION_SLUG", "octo-org"),
            ("BUILDKITE_PIPELINE_SLUG", "octo-pipeline"),
            ("BUILDKITE_PULL_REQUEST", "false"),
            ("BUILDKITE_REPO", "git@github.com:octo-org/octo-repo.git"),
            ("BUILDKITE_SOURCE", "webhook"),
            ("BUILDKITE_STEP_KEY", "deploy"),
        ],
        session: "octo-org-octo-pipeline-1514",
        tags: &[
            ("CI", "Buildkite"),
            ("Repository", "octo-org/octo-repo"),
            ("Workflow", "octo-org/octo-pipeline"),
            ("Actor", "Mona Lisa"),
            ("Commit", SHA),
            ("RunId", "1514"),
        ],
        agent: "md/ci#buildkite md/run_id#1514 md/job_id#0190046e-e199-453b-a302-a21a4d649d31 ",
    },
    System {
        title: "Azure Pipelines",
        variables: &[
            ("TF_BUILD", "True"),
            ("BUILD_BUILDID", "20260701"),
            ("BUILD_BUILDNUMBER", "20260701.1"),
            ("BUILD_DEFINITIONNAME", "deploy"),
            ("BUILD_REASON", "IndividualCI"),
            ("BUILD_REPOSITORY_NAME", "octo-org/octo-repo"),
            ("BUILD_REQUESTEDFOR", "Mona Lisa"),
            ("BUILD_REQUESTEDFOREMAIL", "mona@example.com"),
            ("BUILD_SOURCEBRANCH", "refs/heads/main"),
            ("BUILD_SOURCEVERSION", SHA),
            ("SYSTEM_COLLECTIONURI", "https://dev.azure.com/octo-org/"),
            ("SYSTEM_JOBID", "12f1170f-54f2-53f3-20dd-22fc7dff55f9"),
            ("SYSTEM_JOBNAME", "deploy"),
            ("SYSTEM_TEAMPROJECT", "octo project"),
        ],
        session: "deploy-20260701",
        tags: &[
            ("CI", "Azure Pipelines"),
            ("Actor", "mona@example.com"),
            ("Branch", "refs/heads/main"),
            (
                "JobUrl",
                "https://dev.azure.com/octo-org/octo_20project/_build/results_buildId=20260701",
            ),
        ],
        agent: "md/ci#azure md/run_id#20260701 md/job_id#12f1170f-54f2-53f3-20dd-22fc7dff55f9 ",
    },
    System {
        title: "Bitbucket Pipelines",
        variables: &[
            ("CI", "true"),
            ("BITBUCKET_BRANCH", "main"),
            ("BITBUCKET_BUILD_NUMBER", "88"),
            ("BITBUCKET_COMMIT", SHA),
            ("BITBUCKET_DEPLOYMENT_ENVIRONMENT", "production"),
            ("BITBUCKET_REPO_FULL_NAME", "octo-org/octo-repo"),
            (
                "BITBUCKET_STEP_TRIGGERER_UUID",
                "{a54f16da-24e9-4d7f-a3a7-b1ba2cd98aa3}",
            ),
            (
                "BITBUCKET_STEP_UUID",
                "{f3f8a2c0-9f0e-4a2b-8b39-5d4b3c2a1e00}",
            ),
        ],
        session: "octo-org-octo-repo-88",
        tags: &[
            ("CI", "Bitbucket Pipelines"),
            ("Actor", "a54f16da-24e9-4d7f-a3a7-b1ba2cd98aa3"),
            ("Environment", "production"),
            (
                "JobUrl",
                "https://bitbucket.org/octo-org/octo-repo/pipelines/results/88",
            ),
        ],
        agent: "md/ci#bitbucket md/run_id#88 md/job_id#f3f8a2c0-9f0e-4a2b-8b39-5d4b3c2a1e00 ",
    },
    System {
        title: "Harness CI",
        variables: &[
            ("DRONE", "true"),
            ("DRONE_BUILD_EVENT", "push"),
            ("DRONE_COMMIT_REF", "refs/heads/main"),
            ("DRONE_COMMIT_SHA", SHA),
            ("DRONE_REPO", "octo-org/octo-repo"),
            ("HARNESS_ACCOUNT_ID", "vpCkHKsDSxK9_KYfjCTMKA"),
            ("HARNESS_BUILD_ID", "31"),
            ("HARNESS_EXECUTION_ID", "n6B8dZJgQ2G1_0Zk6oT5HA"),
            ("HARNESS_PIPELINE_ID", "deploy"),
        ],
        session: "deploy-31",
        tags: &[
            ("CI", "Harness CI"),
            ("Repository", "octo-org/octo-repo"),
            ("Workflow", "deploy"),
        ],
        agent: "md/ci#harness md/run_id#31 md/job_id#n6B8dZJgQ2G1_0Zk6oT5HA ",
    },
];
