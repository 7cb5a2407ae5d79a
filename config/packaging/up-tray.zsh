#compdef up-tray
_arguments \
    '-c[the configuration]:file:_files' \
    '--log-file[log into this file]:file:_files' \
    '--panel[open the panel at start]' \
    '(- *)'{-h,--help}'[print help]' \
    '(- *)'{-V,--version}'[print the version]'
