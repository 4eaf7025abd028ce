/** The shells' side of the completion: each hands the words to `phonectl complete` and offers what comes back. */

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof SHELLS)[number];

export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# phonectl completion for bash. Put it into ~/.bashrc:  source <(phonectl completion bash)
_phonectl() {
  local line words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=()
  while IFS=$'\\t' read -r line _; do
    [[ -n $line ]] && COMPREPLY+=("$(printf '%q' "$line")")
  done < <(phonectl complete -- "\${words[@]}" 2>/dev/null)
}
complete -o default -F _phonectl phonectl
`,
  zsh: `#compdef phonectl
# phonectl completion for zsh. Put it into ~/.zshrc:  source <(phonectl completion zsh)
_phonectl() {
  local -a found
  local value description
  while IFS=$'\\t' read -r value description; do
    found+=("\${value//:/\\\\:}:$description")
  done < <(phonectl complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#found} )); then
    _describe 'phonectl' found
  else
    _files
  fi
}
compdef _phonectl phonectl
`,
  fish: `# phonectl completion for fish. Save it:  phonectl completion fish > ~/.config/fish/completions/phonectl.fish
function __phonectl_complete
  set -l words (commandline -opc) (commandline -ct)
  phonectl complete -- $words[2..] 2>/dev/null
end
complete -c phonectl -a '(__phonectl_complete)'
`,
  powershell: `# phonectl completion for PowerShell. Put it into $PROFILE:  phonectl completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName phonectl -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($wordToComplete -eq '') { $words += '' }
  phonectl complete -- @words 2>$null | ForEach-Object {
    $value, $description = $_ -split "\`t", 2
    if (-not $description) { $description = $value }
    [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $description)
  }
}
`,
};
