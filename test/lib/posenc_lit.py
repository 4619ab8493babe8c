"""The lit test format of posenc."""
import os
import shlex

import lit.formats
import lit.TestRunner


class QuotingShTest(lit.formats.ShTest):
    """RUN lines whose substitutions are quoted: a checkout may lie under a path with spaces."""

    def execute(self, test, litConfig):
        source = test.getSourcePath()
        temp = lit.TestRunner.getTempPaths(test)[1] + ".tmp"
        folder = os.path.dirname(source)
        paths = [("%s", source), ("%S", folder), ("%p", folder), ("%t", temp)]
        # The named ones first: `%python` begins with `%p`.
        quoted = [(k, shlex.quote(v)) for k, v in test.config.substitutions + paths]
        return lit.TestRunner.executeShTest(test, litConfig, False, quoted)
