// Runs a block with AWS credentials: in a profile file that only this build's user can read, removed afterwards.
//
//   withRolehop('aws-region': 'eu-west-1', 'role-to-assume': 'arn:aws:iam::123456789012:role/deploy', credentialsId: 'aws-token') {
//       sh 'aws sts get-caller-identity'
//   }
//
// Settings have the names of docs/inputs.md. The keys never come into variables of the pipeline, which Jenkins writes to its disk.
def call(Map settings, Closure body) {
    String folder = "${pwd(tmp: true)}/rolehop-${UUID.randomUUID()}"
    String profile = settings['aws-profile'] ?: 'rolehop'
    List<String> files = [
        "AWS_SHARED_CREDENTIALS_FILE=${folder}/credentials".toString(),
        "AWS_CONFIG_FILE=${folder}/config".toString(),
    ]
    List<String> given = files + [
        "ROLEHOP_AWS_PROFILE=${profile}".toString(),
        'ROLEHOP_CLEANUP=none',
        "FETCH_FOLDER=${folder}".toString(),
        "FETCH_URL=${settings.binaryUrl ?: 'https://raw.githubusercontent.com/OWNER/rolehop/v0.4.0/dist/bin/linux-x64/rolehop'}".toString(),
        "FETCH_SHA256=${settings.binarySha256 ?: 'd058aaa39db7c62751d336166f8b43a48e661fabe7044c9ba4745e48a4b3b98f'}".toString(),
    ]
    for (String name in settings.keySet()) {
        if (!(name in ['credentialsId', 'binaryUrl', 'binarySha256', 'aws-profile'])) {
            given << "ROLEHOP_${name.toUpperCase().replace('-', '_')}=${settings[name]}".toString()
        }
    }
    try {
        withEnv(given) {
            if (settings.credentialsId) {
                withCredentials([string(credentialsId: settings.credentialsId, variable: 'ROLEHOP_WEB_IDENTITY_TOKEN')]) {
                    sh(label: 'AWS credentials', script: libraryResource('rolehop/assume.sh'))
                }
            } else {
                sh(label: 'AWS credentials', script: libraryResource('rolehop/assume.sh'))
            }
        }
        withEnv(files + ["AWS_PROFILE=${profile}".toString()]) {
            body()
        }
    } finally {
        withEnv(["FETCH_FOLDER=${folder}".toString()]) {
            sh(label: 'Remove the AWS credentials', script: libraryResource('rolehop/clean-up.sh'))
        }
    }
}
