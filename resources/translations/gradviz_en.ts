<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en_US">
<context>
    <name>Canvas</name>
    <message numerus="yes">
        <source>%n items</source>
        <translation>
            <numerusform>%n item</numerusform>
            <numerusform>%n items</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n edges</source>
        <translation>
            <numerusform>%n edge</numerusform>
            <numerusform>%n edges</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Centre</name>
    <message numerus="yes">
        <source>%n items are hidden by filters.</source>
        <translation>
            <numerusform>%n item is hidden by filters.</numerusform>
            <numerusform>%n items are hidden by filters.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Counts</name>
    <message numerus="yes">
        <source>%n tensors</source>
        <translation>
            <numerusform>%n tensor</numerusform>
            <numerusform>%n tensors</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n ops</source>
        <translation>
            <numerusform>%n op</numerusform>
            <numerusform>%n ops</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln parameters</source>
        <translation>
            <numerusform>%Ln parameter</numerusform>
            <numerusform>%Ln parameters</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n autograd nodes</source>
        <translation>
            <numerusform>%n autograd node</numerusform>
            <numerusform>%n autograd nodes</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>FindBar</name>
    <message numerus="yes">
        <source>%n found</source>
        <translation>
            <numerusform>%n found</numerusform>
            <numerusform>%n found</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>LegendView</name>
    <message numerus="yes">
        <source>%n cards: {}</source>
        <translation>
            <numerusform>%n card: {}</numerusform>
            <numerusform>%n cards: {}</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>MachineView</name>
    <message numerus="yes">
        <source>PyTorch {torch} ({build}), %n threads</source>
        <translation>
            <numerusform>PyTorch {torch} ({build}), %n thread</numerusform>
            <numerusform>PyTorch {torch} ({build}), %n threads</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>OpPlot</name>
    <message numerus="yes">
        <source>and %n more: {}</source>
        <translation>
            <numerusform>and %n more: {}</numerusform>
            <numerusform>and %n more: {}</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>OutputText</name>
    <message numerus="yes">
        <source>… %n more characters</source>
        <translation>
            <numerusform>… %n more character</numerusform>
            <numerusform>… %n more characters</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SearchBar</name>
    <message numerus="yes">
        <source>%n found</source>
        <translation>
            <numerusform>%n found</numerusform>
            <numerusform>%n found</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n folded up</source>
        <translation>
            <numerusform>%n folded up</numerusform>
            <numerusform>%n folded up</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n not drawn</source>
        <translation>
            <numerusform>%n not drawn</numerusform>
            <numerusform>%n not drawn</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TimingControls</name>
    <message numerus="yes">
        <source>{number} (%n places)</source>
        <translation>
            <numerusform>{number} (%n place)</numerusform>
            <numerusform>{number} (%n places)</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TimingCounts</name>
    <message numerus="yes">
        <source>%n threads</source>
        <translation>
            <numerusform>%n thread</numerusform>
            <numerusform>%n threads</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Median {median}, IQR {iqr}, %n samples</source>
        <translation>
            <numerusform>Median {median}, IQR {iqr}, %n sample</numerusform>
            <numerusform>Median {median}, IQR {iqr}, %n samples</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TimingView</name>
    <message numerus="yes">
        <source>%n figures with this sign may be wrong. Point at one to read why.</source>
        <translation>
            <numerusform>%n figure with this sign may be wrong. Point at it to read why.</numerusform>
            <numerusform>%n figures with this sign may be wrong. Point at one to read why.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>WhatIfBar</name>
    <message numerus="yes">
        <source>%n value(s) differ</source>
        <translation>
            <numerusform>%n value differs</numerusform>
            <numerusform>%n values differ</numerusform>
        </translation>
    </message>
</context>
</TS>
