// Stands in for Jenkins: runs vars/withRolehop.groovy under Jenkins' own version of Groovy, with steps that do what Jenkins' steps do.
// Arguments: the library's folder, a temporary folder, the URL and SHA-256 of the binary, the token, and whether the block fails.
def (library, temp, url, sum, token, end) = args as List
def variables = [:]
def step = new GroovyShell().parse(new File(library, 'vars/withRolehop.groovy'))

def run = { String script ->
    def file = File.createTempFile('step', '.sh', new File(temp))
    file.text = script
    // Jenkins starts a script without a first line of its own so that each command is printed.
    def words = script.startsWith('#!') ? [script.readLines()[0][2..-1], file.path] : ['sh', '-xe', file.path]
    def builder = new ProcessBuilder(words as List<String>).redirectErrorStream(true)
    builder.environment().putAll(variables)
    def process = builder.start()
    print process.inputStream.text
    file.delete()
    if (process.waitFor() != 0) {
        throw new RuntimeException("script returned exit code ${process.exitValue()}")
    }
}
def within = { Map more, Closure body ->
    def before = new LinkedHashMap(variables)
    variables.putAll(more)
    try {
        body()
    } finally {
        variables.clear()
        variables.putAll(before)
    }
}
def steps = new ExpandoMetaClass(step.class, false, true)
steps.pwd = { Map options -> options.tmp ? temp : '.' }
steps.libraryResource = { String name -> new File(library, "resources/${name}").text }
steps.string = { Map binding -> assert binding.credentialsId == 'aws-token'; [(binding.variable): token] }
steps.withCredentials = { List bindings, Closure body -> within(bindings.inject([:]) { all, one -> all + one }, body) }
steps.withEnv = { List pairs, Closure body ->
    // Jenkins writes these to its disk: what is in the log here must not be a secret.
    println "withEnv ${pairs}"
    assert pairs.every { it instanceof String }
    within(pairs.collectEntries { it.split('=', 2) as List }, body)
}
steps.sh = { Map options -> println "[${options.label}]"; run(options.script) }
steps.initialize()
step.metaClass = steps

def settings = [
    'aws-region': 'eu-west-1', 'role-to-assume': 'arn:aws:iam::123456789012:role/deploy', 'role-duration-seconds': 900,
    credentialsId: 'aws-token', binaryUrl: url, binarySha256: sum,
]
step.call(settings) {
    run('echo "profile $AWS_PROFILE"; cat "$AWS_SHARED_CREDENTIALS_FILE" >"$KEPT"; ls -l "$AWS_SHARED_CREDENTIALS_FILE"')
    if (end == 'fail') {
        throw new RuntimeException('the block fails')
    }
}
